"""Yes and no in all their forms."""

from ivr.language.model import Context, Understood
from ivr.language.tokens import Line
from ivr.language.words import Words

_PLAIN = frozenset({"si", "no"})


def read(line: Line, context: Context, words: Words) -> Understood:
    """True, false, or nothing when the words say neither or both."""
    plain = line.plain
    if words.patterns("yesno.refused").search(plain):
        return Understood("yesno", line.text, False, 0.95)
    if words.patterns("yesno.unsure").search(plain):
        return Understood("yesno", line.text)
    votes: list[tuple[int, int, bool]] = []
    for value, name in ((False, "no"), (True, "yes")):
        for hit in words.patterns(f"yesno.{name}").find(plain):
            votes.append((hit.start, hit.end, value))
    kept = [
        vote
        for vote in votes
        if not any(
            other != vote
            and other[0] <= vote[0]
            and vote[1] <= other[1]
            and other[1] - other[0] > vote[1] - vote[0]
            for other in votes
        )
    ]
    kept = [vote for vote in kept if not _repeated(vote, kept, plain)]
    corrected = words.patterns("yesno.corrected").search(line.bare) is not None
    kept = kept if corrected else _without_reasons(kept, plain, words)
    if not kept:
        return Understood("yesno", line.text)
    values = {vote[2] for vote in kept}
    but = words.patterns("yesno.but").search(plain) is not None
    first = min(kept)[2]
    if len(values) == 1:
        return Understood("yesno", line.text, first, 0.6 if but else 0.95)
    if corrected:
        return Understood("yesno", line.text, max(kept)[2], 0.7)
    return Understood("yesno", line.text, first, 0.55)


def _repeated(vote: tuple[int, int, bool], votes: list[tuple[int, int, bool]], plain: str) -> bool:
    """Whether a lone "no" only begins a consent: "no, no hay problema"."""
    if vote[2] or plain[vote[0] : vote[1]].strip() != "no":
        return False
    return any(
        value and plain[start:end].startswith("no ") and not plain[vote[1] : start].strip(" ,")
        for start, end, value in votes
        if start >= vote[1]
    )


def _without_reasons(
    votes: list[tuple[int, int, bool]], plain: str, words: Words
) -> list[tuple[int, int, bool]]:
    """Without what only tells why a plain yes or no: "sí, cancélela, que no puedo ir"."""
    reason = words.patterns("yesno.reason").search(plain)
    if reason is None:
        return votes
    answer = plain[: reason.start].split()
    if _PLAIN.isdisjoint(answer) or answer[-2:] == ["no", "es"]:
        return votes
    told = plain.rfind("que", reason.start, reason.end)
    return [vote for vote in votes if vote[0] < told] or votes
