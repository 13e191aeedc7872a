//! Policy cases that an administrator writes in YAML, and what came of them.
