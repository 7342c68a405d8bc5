"""HTML screens: parse, call one service, present, render"""

from __future__ import annotations

from dougong.web.pages import account, forms, home, lists, new_field, records, reports, studio
from dougong.web.pages.route import Page

PAGES: tuple[Page, ...] = (
    Page("/", "home", home.show),
    Page("/sign-in", "sign_in", account.show_sign_in, public=True),
    Page("/sign-in", "sign_in.do", account.do_sign_in, ("POST",), public=True, writes=False),
    Page("/sign-out", "sign_out", account.do_sign_out, ("POST",)),
    Page("/account", "account", account.show),
    Page("/account/preferences", "account.preferences", account.set_preferences, ("POST",)),
    Page("/account/language", "account.language", account.set_language, ("POST",)),
    Page("/account/password", "account.password", account.change_password, ("POST",)),
    Page("/o/<name>", "list", lists.show),
    Page("/o/<name>/export", "list.export", lists.export),
    Page("/o/<name>/suggest", "suggest", lists.suggest),
    Page("/o/<name>/new", "record.new", forms.new),
    Page("/o/<name>/new", "record.create", forms.create, ("POST",)),
    Page("/o/<name>/<record_id>", "record", records.show),
    Page("/o/<name>/<record_id>/edit", "record.edit", forms.edit),
    Page("/o/<name>/<record_id>/edit", "record.update", forms.update, ("POST",)),
    Page("/o/<name>/<record_id>/delete", "record.ask_delete", records.ask_delete),
    Page("/o/<name>/<record_id>/delete", "record.delete", records.delete, ("POST",)),
    Page("/o/<name>/<record_id>/history", "record.history", records.show_history),
    Page("/reports/<name>", "report", reports.show),
    Page("/admin", "admin", studio.show),
    Page("/admin/objects/<name>", "admin.object", studio.show_object),
    Page("/admin/objects/<name>/add-field", "admin.add_field", new_field.show),
    Page("/admin/objects/<name>/add-field", "admin.add_field.plan", new_field.plan, ("POST",), writes=False),
    Page("/admin/definitions/<kind>/<name>", "admin.definition", studio.show_definition),
    Page("/admin/site", "admin.site", studio.show_site),
    Page("/admin/site/edit", "admin.edit", studio.edit),
    Page("/admin/site/plan", "admin.plan", studio.plan, ("POST",), writes=False),
    Page("/admin/site/apply", "admin.apply", studio.apply, ("POST",), closed=True),
    Page("/admin/history", "admin.history", studio.show_applied),
)
"""Every page, private unless marked public."""
