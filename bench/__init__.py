"""What we promise, measured. Not part of the tests: times depend on the machine."""
