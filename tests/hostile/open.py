"""Attacks that still succeed, each with the defence that it waits for: a case, or an attack with all its ways.

An attack that is listed here and fails makes its test fail: whoever brings the defence removes the line.
"""

from __future__ import annotations

OPEN: dict[str, str] = {}
