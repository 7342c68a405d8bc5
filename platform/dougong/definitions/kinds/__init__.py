"""one file per kind of definition"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from dougong.definitions.kinds.access import PermissionSet, Role
from dougong.definitions.kinds.automation import Automation
from dougong.definitions.kinds.bundle import Bundle
from dougong.definitions.kinds.button import Button
from dougong.definitions.kinds.dashboard import Dashboard
from dougong.definitions.kinds.flow import Flow
from dougong.definitions.kinds.form import Form
from dougong.definitions.kinds.import_map import ImportMap
from dougong.definitions.kinds.menu import Menu
from dougong.definitions.kinds.notification import Notification
from dougong.definitions.kinds.object import Object
from dougong.definitions.kinds.options import Options
from dougong.definitions.kinds.parts import Definition
from dougong.definitions.kinds.patch import Patch
from dougong.definitions.kinds.report import Report
from dougong.definitions.kinds.template import Template
from dougong.definitions.kinds.view import View

KINDS: Mapping[str, type[Definition]] = MappingProxyType(
    {
        kind.KIND: kind
        for kind in (
            Bundle,
            Object,
            Options,
            Form,
            View,
            Menu,
            Role,
            PermissionSet,
            Report,
            Dashboard,
            Button,
            Automation,
            Notification,
            Template,
            ImportMap,
            Flow,
            Patch,
        )
    }
)
"""Every kind by its name."""

__all__ = [
    "KINDS",
    "Automation",
    "Bundle",
    "Button",
    "Dashboard",
    "Flow",
    "Form",
    "ImportMap",
    "Menu",
    "Notification",
    "Object",
    "Options",
    "Patch",
    "PermissionSet",
    "Report",
    "Role",
    "Template",
    "View",
]
