"""A logged-in user, as far as permissions go."""

from dataclasses import dataclass
from typing import Literal

from ivr.agents.service import UserView
from ivr.errors import Forbidden

Role = Literal["agent", "supervisor"]


@dataclass(frozen=True)
class Viewer:
    """A logged-in user, as far as permissions go."""

    id: int
    username: str
    name: str
    role: Role
    branch_id: int | None
    """Null: the whole clinic."""
    language: str = "es-ES"
    extension: str = ""
    must_change_password: bool = False

    @property
    def supervises(self) -> bool:
        return self.role == "supervisor"

    def sees_branch(self, branch_id: int | None) -> bool:
        """Whether data of this branch (null: of no branch in particular) is theirs to see."""
        return self.branch_id is None or branch_id is None or branch_id == self.branch_id

    def branch_or_own(self, branch_id: int | None) -> int | None:
        """The branch to filter by; raises :class:`Forbidden` for a foreign one."""
        if branch_id is None:
            return self.branch_id
        if not self.sees_branch(branch_id):
            raise Forbidden("This branch is not yours. Ask a supervisor for access to it.")
        return branch_id


def viewer_of(user: UserView) -> Viewer:
    """The account as a viewer."""
    return Viewer(
        id=user.id,
        username=user.username,
        name=user.name,
        role="supervisor" if user.role == "supervisor" else "agent",
        branch_id=user.branch_id,
        language=user.language,
        extension=user.extension,
        must_change_password=user.must_change_password,
    )
