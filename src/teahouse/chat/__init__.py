"""The product: rooms, messages, notices. A reusable app on whatever AUTH_USER_MODEL the site has."""
