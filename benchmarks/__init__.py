"""How fast Bonafides is beside its peers and beside the curve library it stands on: `python -m benchmarks.run`."""
