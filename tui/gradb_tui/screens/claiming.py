"""From what is on the screen to a check: the key `x` puts a claim into the scenario's file."""

from pathlib import Path

from gradb.scenario.claiming import offers
from gradb.scenario.record_claim import Proposal

from gradb_tui.prompt import Order
from gradb_tui.screens.claim import ClaimScreen
from gradb_tui.screens.forking import Forking


class Claiming(Forking):
    """The part of the debugger's screen that writes expectations."""

    def action_claim(self) -> None:
        session, moment = self.session, self.session.moment()
        if session.running:
            self.say("Wait until the program has run; Esc stops it.")
        elif getattr(self.app, "shared", False):
            self.say("This is a page for many: it changes no file. Open the scenario on your own machine.")
        elif session.scenario is None:
            self.say("A recording has no `expect:`: open the scenario itself.")
        elif session.stopped:
            self.say("The run was stopped, so what it shows here may not hold for a whole run.")
        elif session.both is not None and session.both.letter(session.trace) == "B":
            self.say("This is run B, which no file describes: r goes to A.")
        elif not moment.at:
            self.say("There is no event to expect anything of.")
        else:
            found = offers(moment.trace, moment.at, moment.tensor_name, grad=moment.facet == "grad")
            if found:
                self.app.push_screen(ClaimScreen(session.scenario, found, Path()), self._claimed)
            else:
                self.say("Nothing here can be expected: choose a variable (7, Enter) or another event.")

    def _claimed(self, proposal: Proposal | None) -> None:
        if proposal is not None:
            self.say(f"Written. gradb replay {proposal.path} holds the program to it.")

    def carry_out(self, order: Order) -> None:
        if order.order == "claim":
            self.call_later(self.action_claim)
        else:
            super().carry_out(order)
