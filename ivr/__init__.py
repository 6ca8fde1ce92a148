"""Aurícula: the call centre and IVR that clinics run themselves."""

__version__ = "0.1.0"
