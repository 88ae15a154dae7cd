"""A scenario's notes and expectations as exports show them: `words_of(scenario)`."""

from gradb.export.words import Expected, Said, Words
from gradb.scenario.claims import Claim, OrderClaim, PrintedClaim, RaisesClaim, StateClaim
from gradb.scenario.scenario import Scenario
from gradb.scenario.schema import Near


def words_of(scenario: Scenario) -> Words:
    """What its author says, in the reader's language."""
    return Words(
        about=scenario.about,
        notes=tuple(Said(note.at, note.say) for note in scenario.notes),
        expected=tuple(_expected(claim) for claim in scenario.claims if isinstance(claim, StateClaim)),
        claims=tuple(_text(claim) for claim in scenario.claims if not isinstance(claim, StateClaim)),
    )


def _expected(claim: StateClaim) -> Expected:
    if isinstance(claim.expected, Near):
        return Expected(claim.at, claim.subject, claim.expected.near, claim.expected.within)
    return Expected(claim.at, claim.subject, claim.expected)


def _text(claim: Claim) -> str:
    match claim:
        case OrderClaim():
            return f"backward of step {claim.step} visits {', '.join(claim.order)}"
        case PrintedClaim():
            return f"prints: {claim.text}"
        case RaisesClaim():
            return f"ends with {claim.error}" + (f": {claim.message}" if claim.message else "")
        case StateClaim():
            return f"at {claim.at}: {claim.subject}"
