"""What the engine counts, for `/metrics` (Prometheus). A gauge counts this process; all processes are added up."""

from prometheus_client import Counter, Gauge, Histogram

_PASS_SECONDS = (0.0005, 0.001, 0.002, 0.004, 0.008, 0.012, 0.016, 0.02, 0.05, 0.1, 0.5)

connections = Gauge("teahouse_connections", "Connections that are open.", ["protocol"], multiprocess_mode="livesum")
refused = Counter("teahouse_refused_total", "Connections that were refused.", ["reason"])
ended = Counter("teahouse_ended_total", "Connections that the server ended.", ["reason"])
slow = Counter("teahouse_slow_total", "Connections that were ended because they read too slowly.")
commands = Counter("teahouse_commands_total", "Commands that clients sent.", ["protocol"])
api_calls = Counter("teahouse_api_calls_total", "Calls of the server API.", ["method", "outcome"])
ignored = Counter("teahouse_ignored_total", "Frames that were passed over.", ["reason"])
publications = Counter("teahouse_publications_total", "Publications in kept and plain channels.")
deliveries = Counter("teahouse_deliveries_total", "Publications given to connections.")
sent_bytes = Counter("teahouse_sent_bytes_total", "Bytes written to connections.")
received_bytes = Counter("teahouse_received_bytes_total", "Bytes read from connections.")
pending_bytes = Gauge(
    "teahouse_pending_bytes", "Bytes that connections have not taken yet.", multiprocess_mode="livesum"
)
pass_seconds = Histogram("teahouse_pass_seconds", "How long a stretch of a pass held the loop.", buckets=_PASS_SECONDS)
filled = Counter("teahouse_filled_total", "Publications that were read from the history to fill a hole.")
recoveries = Counter("teahouse_recoveries_total", "Subscriptions that asked for what they missed.", ["outcome"])
layer_dropped = Counter(
    "teahouse_layer_dropped_total", "Events of the Channels layer that no consumer took.", ["reason"]
)
faults = Counter("teahouse_faults_total", "Commands that failed on our side.")
broker_up = Gauge("teahouse_broker_up", "1 while the broker carries hints.", multiprocess_mode="livemin")
broker_lag = Gauge(
    "teahouse_broker_lag_seconds", "How long the last hint took to the broker.", multiprocess_mode="livemax"
)
loop_lag = Gauge(
    "teahouse_loop_lag_seconds", "How much too late the last tick of a second came.", multiprocess_mode="livemax"
)


# Looked up once: finding a gauge by its label costs more than counting.
connections_of = {protocol: connections.labels(protocol) for protocol in ("classic", "native")}


class Traffic:
    """What is counted for every frame: plain numbers, given to Prometheus once a second, whose counters cost more."""

    __slots__ = ("classic_commands", "native_commands", "received_bytes", "sent_bytes")

    def __init__(self) -> None:
        self._clear()

    def flush(self) -> None:
        sent_bytes.inc(self.sent_bytes)
        received_bytes.inc(self.received_bytes)
        commands.labels("classic").inc(self.classic_commands)
        commands.labels("native").inc(self.native_commands)
        self._clear()

    def _clear(self) -> None:
        self.sent_bytes = self.received_bytes = self.classic_commands = self.native_commands = 0
