"""Asking about what is on the screen: why it is what it is, and whether finite differences agree."""

from gradb.debug.answers import Question
from gradb.debug.finite_differences import Check
from gradb.debug.why import asked_at
from gradb.errors import UserError
from gradb.trace.events import Visit

from gradb_tui.screens.message import MessageScreen
from gradb_tui.screens.stopping import Stopping
from gradb_tui.screens.why import WhyScreen


class Asking(Stopping):
    """The part of the debugger's screen that explains and checks."""

    def action_why(self) -> None:
        question = self._question()
        if question is None:
            self.say("This event is about no value and no gradient.")
            return
        try:
            screen = WhyScreen(self.session.trace, question)
        except UserError as error:
            self.say(f"{error.what}")
            return
        self.app.push_screen(screen, self._go_from_why)

    def _go_from_why(self, event: int | None) -> None:
        if event is not None:
            self.go_to(event)

    def _question(self) -> Question | None:
        """About the tensor that is kept, or else about the event; of the chosen element, if the tensor has it."""
        moment = self.session.moment()
        if not moment.at:
            return None
        if moment.pin is not None or moment.facet == "grad":
            question = None if moment.tensor is None else Question(moment.tensor, moment.facet, moment.at)
        else:
            question = asked_at(moment.trace, moment.at)
        if question is None or moment.element is None:
            return question
        state = moment.trace.state(question.tensor, moment.at)
        shape = () if state is None else state.array.shape
        fits = len(shape) == len(moment.element) and all(map(int.__lt__, moment.element, shape))
        if not fits:
            return question
        return Question(question.tensor, question.what, question.at, moment.element, question.node, question.output_nr)

    def action_check(self) -> None:
        from gradb.scenario.gradcheck import check_leaf, check_node

        moment = self.session.moment()
        try:
            if isinstance(moment.event, Visit) and not moment.event.node.tensor and moment.pin is None:
                checks = check_node(moment.trace, moment.at)
            elif moment.tensor is not None:
                checks = (check_leaf(moment.trace, moment.tensor, moment.at),)
            else:
                checks = ()
        except UserError as error:
            self.say(error.what)
            return
        text = "\n\n".join(map(check_text, checks)) or "There is no gradient to check here."
        self.app.push_screen(MessageScreen("Check by finite differences", text))


def check_text(check: Check) -> str:
    """A check in words: the verdict first, then the figures."""
    if check.error is None:
        return f"{check.name}: {check.verdict}\n{check.reason}"
    at = f" at [{', '.join(map(str, check.element))}]" if check.element else ""
    return (
        f"{check.name}: {check.verdict}\n"
        f"relative error {check.error:.2g}, allowed {check.tolerance:g}\n"
        f"largest difference{at}: recorded {check.recorded:.8g}, numeric {check.numeric:.8g}\n"
        f"{check.elements} of {check.count} elements, (f(x + h) - f(x - h)) / 2h in float64 with h = {check.step:.1e}"
    )
