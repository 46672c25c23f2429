"""First floor: what every office needs. It may import core, itself and the errors, and nothing above."""
