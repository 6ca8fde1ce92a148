"""What can be spoken before anybody calls, that which is heard first at the beginning."""

from collections.abc import Collection

from ivr.actions.call import language_at, spoken_values
from ivr.clinic.directory import Directory
from ivr.flow import ahead
from ivr.flow.library import Library
from ivr.flow.texts import Texts


def texts_ahead(
    library: Library, directory: Directory, answering: Collection[str], *, opening: bool = False
) -> list[tuple[str, str]]:
    """Every ``(text, language)`` whose words are known, once each; with ``opening`` only what
    the calls begin with that the clinic takes.

    Flows whose names are in ``answering`` come before those of calls that the clinic makes,
    and languages that the branches' callers hear before the others.
    """
    clinic = directory.clinic()
    flows = sorted(library.flows().values(), key=lambda flow: flow.name not in answering)
    begin, own, others = [], [], []
    for branch in directory.branches():
        values = spoken_values(clinic, branch)
        for flow in flows:
            texts = library.texts(language_at(branch, flow.language))
            if flow.name in answering:
                begin += _in(texts, ahead.opening(flow, texts, values, library.catalogue))
            if opening:
                continue
            own += _in(texts, ahead.everything(flow, texts, values, library.catalogue))
            for texts in map(library.texts, library.languages()):
                others += _in(texts, ahead.everything(flow, texts, values, library.catalogue))
    heard = {language for _, language in own}
    others = [(text, language) for text, language in others if language not in heard]
    return list(dict.fromkeys([*begin, *own, *others]))


def _in(texts: Texts, said: list[str]) -> list[tuple[str, str]]:
    return [(text, texts.language) for text in said]
