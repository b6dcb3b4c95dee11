"""People at real Chromium pages, and the faults of browsers: for runs that judge what a page shows."""
