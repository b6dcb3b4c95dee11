"""The Centrifuge client protocol (centrifugal/protocol v0.9), JSON and protobuf: shapes, codecs, one session."""
