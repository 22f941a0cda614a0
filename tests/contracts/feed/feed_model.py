"""An alert feed in plain Python: every alert ever posted is kept, and all that is asked follows from that history."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from feed_records import Alert, Appeal, refuse
from watch import OVERTURNED, UNDECIDED, UPHELD, Rules


class Model:
    """Everybody is who it may be: operators, seats and stakes are the hive's affair, and right here."""

    def __init__(self, rules: Rules, seats: dict[int, int], quorum: int) -> None:
        self.rules, self.seats, self.quorum = rules, seats, quorum
        self.escrow = self.locked = self.balance = 0
        self.holders: dict[int, int] = {}
        self.alerts: dict[str, list[Alert]] = defaultdict(list)
        self.barred: dict[tuple[str, int], int] = defaultdict(int)
        self.paid: dict[tuple[str, int], int] = defaultdict(int)
        self.safe: dict[str, int] = defaultdict(int)
        self.appeals: list[Appeal] = []
        self.owed: Counter[int] = Counter()
        self.bonds: Counter[str] = Counter()
        self.records: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0, 0])

    # Posts

    def take(self, _now: int, post: int, node: int) -> None:
        """A node takes a post."""
        if post in self.holders:
            refuse("PostHeld")
        if node in self.holders.values():
            refuse("AlreadyPosted")
        self.holders[post] = node

    def release(self, now: int, post: int, node: int) -> None:
        """A node gives a post up."""
        if post not in self.holders:
            refuse("PostFree")
        if self.holders[post] != node:
            refuse("NotHolder")
        del self.holders[post]
        for alerts in self.alerts.values():
            for one in alerts:
                if one.post == post and one.left is None:
                    one.left = now

    # Alerts

    def say(self, now: int, post: int, node: int, rows: list[tuple[str, int, int, int]]) -> None:
        """Subject, probability, category and expiry of each."""
        if self.holders.get(post) != node:
            refuse("NotOperator")
        if not sum([self._say(now, post, node, *row) for row in rows]):
            refuse("NothingPosted")

    def _say(self, now: int, post: int, node: int, about: str, probability: int, category: int, expiry: int) -> bool:
        expiry = min(expiry, now + self.rules.longest_seconds)
        if expiry <= now:
            return False
        last = next((one for one in self.alerts[about] if one.post == post and not one.gone), None)
        if last is not None and last.left is None and now < last.expiry:
            last.expiry, last.probability, last.category = max(expiry, last.expiry), probability, category
            return True
        if now < self.barred[about, node]:
            return False
        case = self.open(about)
        if case and any(self.touched(one, case) for one in self.present(about) if one.node == node or one.post == post):
            return False
        if last is not None:
            if last.locked:
                fate = self.fate(now, about, last)
                if fate is None:
                    return False
                self._settle(about, last, fate)
            last.gone = True
        lock = 0 < self.rules.reward <= self.escrow and now >= self.paid[about, node]
        if lock:
            self.escrow -= self.rules.reward
            self.locked += self.rules.reward
        self.alerts[about].append(Alert(node, post, now, expiry, probability, category, lock))
        self.records[node][0] += 1
        return True

    def retract(self, now: int, post: int, node: int, about: str) -> None:
        """The author takes an alert back."""
        mine = [one for one in self.present(about) if one.post == post and one.node == node]
        if not mine:
            refuse("NoAlert")
        case = self.open(about)
        if case and self.touched(mine[0], case):
            self.barred[about, node] = now + self.rules.longest_seconds
        self._settle(about, mine[0], False)
        mine[0].gone = True
        self.records[node][2] += 1

    def settle(self, now: int, post: int, about: str) -> None:
        """What is certain is settled, nothing else."""
        for one in self.present(about) + [one for one in self.alerts[about] if one.gone]:
            if one.post == post and one.locked:
                fate = self.fate(now, about, one)
                if fate is not None:
                    self._settle(about, one, fate)

    def fate(self, now: int, about: str, alert: Alert) -> bool | None:
        """Whether the alert stood; None: nobody knows yet."""
        due = alert.since + self.rules.stand_seconds
        if self.open(about):
            return None
        if alert.end() < due:
            return False if alert.end() <= now else None
        if now <= due:
            return None
        return sum(one.since <= due <= one.end() for one in self.present(about)) >= self.rules.quorum

    def _settle(self, about: str, alert: Alert, stood: bool) -> None:
        if not alert.locked:
            return
        alert.locked = False
        self.locked -= self.rules.reward
        if stood and alert.since >= self.paid[about, alert.node]:
            self.paid[about, alert.node] = alert.since + self.rules.longest_seconds
            self.owed[alert.node] += self.rules.reward
            self.records[alert.node][1] += 1
        else:
            self.escrow += self.rules.reward

    # Appeals

    def appeal(self, now: int, about: str, who: str) -> None:
        """Somebody puts up the bond."""
        if self.open(about):
            refuse("AppealPending")
        if now < self.safe[about]:
            refuse("WrongTime")
        if not self.risk(now, about)["flagged"]:
            refuse("NotFlagged")
        votes = self.rules.vote_reward * len(self.seats)
        pays = votes <= self.escrow
        if pays:
            self.escrow -= votes
            self.locked += votes
        self.balance += self.rules.bond
        self.appeals.append(Appeal(about, now, who, self.rules.vote_reward * pays))

    def commit(self, now: int, number: int, seat: int, uphold: bool) -> None:
        """A seat votes."""
        case = self.appeals[number - 1]
        if now >= case.opened + self.rules.vote_seconds:
            refuse("WrongTime")
        if any(one.node == self.seats[seat] and self.touched(one, case) for one in self.present(case.subject)):
            refuse("OwnAlert")
        if seat in case.hidden:
            refuse("AlreadyVoted")
        case.hidden[seat] = uphold

    def reveal(self, now: int, number: int, seat: int, uphold: bool) -> None:
        """A vote is shown."""
        case = self.appeals[number - 1]
        begin = case.opened + self.rules.vote_seconds
        if not begin <= now < begin + self.rules.reveal_seconds:
            refuse("WrongTime")
        if seat in case.shown or case.hidden.get(seat) != uphold:
            refuse("WrongReveal")
        case.shown[seat] = uphold

    def decide(self, now: int, number: int) -> None:
        """The votes are counted."""
        case = self.appeals[number - 1]
        if case.outcome:
            refuse("AppealDecided")
        if now < case.opened + self.rules.vote_seconds + self.rules.reveal_seconds:
            refuse("WrongTime")
        sides = Counter(case.shown.values())
        case.outcome = UNDECIDED
        for uphold, outcome in ((False, OVERTURNED), (True, UPHELD)):
            if sides[uphold] >= self.quorum:
                case.outcome = outcome
        paid = 0
        if case.outcome != UNDECIDED:
            for seat, uphold in case.shown.items():
                if uphold == (case.outcome == UPHELD):
                    self.owed[self.seats[seat]] += case.reward
                    paid += case.reward
        self.locked -= case.reward * len(self.seats)
        self.escrow += case.reward * len(self.seats) - paid
        if case.outcome == UPHELD:
            self.balance -= self.rules.bond
        else:
            self.bonds[case.who] += self.rules.bond
        if case.outcome != OVERTURNED:
            self.safe[case.subject] = now + self.rules.vote_seconds
            return
        for one in self.present(case.subject):
            if one.under(case.opened):
                self._settle(case.subject, one, False)
                one.gone = True
                self.barred[case.subject, one.node] = now + self.rules.longest_seconds
                self.records[one.node][3] += 1

    # Money

    def fund(self, _now: int, amount: int) -> None:
        """Anyone adds to the escrow."""
        self.escrow += amount
        self.balance += amount

    def withdraw(self, _now: int, amount: int) -> None:
        """The sponsor takes escrow back."""
        if amount > self.escrow:
            refuse("EscrowTooSmall")
        self.escrow -= amount
        self.balance -= amount

    def claim(self, _now: int, node: int) -> None:
        """A node is paid."""
        if not self.owed[node]:
            refuse("NothingToClaim")
        self.balance -= self.owed.pop(node)

    def fetch(self, _now: int, who: str) -> None:
        """An appellant fetches what came back."""
        if not self.bonds[who]:
            refuse("ZeroAmount")
        self.balance -= self.bonds.pop(who)

    def due(self) -> int:
        """All that the feed owes, and so must hold."""
        bonds = sum(self.bonds.values()) + self.rules.bond * sum(not one.outcome for one in self.appeals)
        return self.escrow + self.locked + sum(self.owed.values()) + bonds

    # Asking

    def open(self, about: str) -> Appeal | None:
        """The open appeal about a subject."""
        return next((one for one in self.appeals if one.subject == about and not one.outcome), None)

    def present(self, about: str) -> list[Alert]:
        """What was neither retracted, overturned nor replaced."""
        return [one for one in self.alerts[about] if not one.gone]

    def touched(self, alert: Alert, case: Appeal) -> bool:
        """Whether the appeal may take the alert down, or its reward away."""
        return alert.locked or alert.under(case.opened)

    def risk(self, now: int, about: str) -> dict[str, Any]:
        """`riskOf`, but for the model."""
        live = [one for one in self.present(about) if now < one.end()]
        risk: dict[str, Any] = {"appealed": self.open(about) is not None, "monitors": len(live)}
        risk |= {"flagged": len(live) >= self.rules.quorum, "probability": 0, "category": 0, "expiry": 0}
        if live:
            named = Counter(one.category for one in live)
            risk["probability"] = sorted(one.probability for one in live)[(len(live) - 1) // 2]
            risk["category"] = min(one for one in named if named[one] == max(named.values()))
        if risk["flagged"]:
            risk["expiry"] = sorted((one.expiry for one in live), reverse=True)[self.rules.quorum - 1]
        return risk
