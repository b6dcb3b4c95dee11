"""Redis for the tests of the stores, as for those of the brokers."""

from tests.realtime.broker.conftest import impatient as impatient
from tests.realtime.broker.conftest import own as own
from tests.realtime.broker.conftest import prefix as prefix
