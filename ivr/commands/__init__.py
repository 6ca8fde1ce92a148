"""One module for each command of ``auricula``; each has ``register(app)``."""
