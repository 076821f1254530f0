"""The local page for people without a terminal, and the same routes as a service for other programs (extra `app`)."""
