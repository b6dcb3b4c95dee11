"""What the engine counts, for `/metrics` (Prometheus). A gauge counts this process; all processes are added up."""

from prometheus_client import Counter, Gauge

connections = Gauge("teahouse_connections", "Connections that are open.", ["protocol"], multiprocess_mode="livesum")
refused = Counter("teahouse_refused_total", "Connections that were refused.", ["reason"])
ended = Counter("teahouse_ended_total", "Connections that the server ended.", ["reason"])
commands = Counter("teahouse_commands_total", "Commands that clients sent.", ["protocol"])
ignored = Counter("teahouse_ignored_total", "Frames that were passed over.", ["reason"])
deliveries = Counter("teahouse_deliveries_total", "Frames given to connections.")
filled = Counter("teahouse_filled_total", "Publications that were read from the history to fill a hole.")
faults = Counter("teahouse_faults_total", "Commands that failed on our side.")
broker_up = Gauge("teahouse_broker_up", "1 while the broker carries hints.", multiprocess_mode="livemin")
