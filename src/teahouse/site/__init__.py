"""THE SITE: the only code that knows which apps are installed, and the composition root."""
