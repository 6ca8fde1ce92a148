"""REST of the clinic: its places and people."""

from fastapi import APIRouter

from ivr.agents.access import User
from ivr.clinic.desk import ClinicDesk, ClinicInfo, Opening


def router(desk: ClinicDesk) -> APIRouter:
    """The endpoints, reading through ``desk``."""
    api = APIRouter(tags=["clinic"])

    @api.get("/clinic", summary="The clinic, its places, people and services")
    def clinic(viewer: User) -> ClinicInfo:
        return desk.info(viewer)

    @api.get("/clinic/opening", summary="Which of its places are open now, and until when")
    def opening(viewer: User) -> Opening:
        return desk.opening(viewer)

    return api
