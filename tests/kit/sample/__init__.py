"""An office with two tables and two migrations, only to test migrations."""
