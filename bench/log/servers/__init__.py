"""The servers that Teahouse is measured beside."""
