"""Every planted bug."""

from tests.simulation.mutants import durability, identity, money, proof, risk
from tests.simulation.mutants.mutant import named

MUTANTS = tuple(mutant for module in (identity, proof, money, risk, durability) for mutant in named(module))
