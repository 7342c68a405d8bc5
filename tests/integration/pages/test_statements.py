"""every screen sends a constant number of statements, held in a golden file"""

from __future__ import annotations

import io
import json
from pathlib import Path

from dougong.features.accounts.work import work
from dougong.features.activity import attachments, comments, store
from dougong.records import service as records

GOLDEN = Path(__file__).parents[2] / "golden" / "query_counts.json"


def test_statements_of_each_screen_do_not_grow(window, shop, counted, matches_golden) -> None:
    ann = window("ann", "seller")

    def fill(start: int, many: int) -> tuple[str, str]:
        with work(shop, login="ann") as ctx:
            made = [records.create(ctx, "customer", {"name": f"Customer {start + n}"}) for n in range(many)]
            product = records.create(ctx.as_system("goods"), "product", {"name": f"Nut {start}", "price": 1})
            line = {"product": product.id, "quantity": 1, "price": 1}
            sales = [
                records.create(ctx, "sale", {"number": str(start + n), "customer": made[0].id, "lines": [line]})
                for n in range(many)
            ]
            for n in range(many):
                comments.add(ctx, "customer", made[0].id, f"comment {n} for @ann")
                taken = attachments.take(store.of(shop.settings), f"{n}.txt", io.BytesIO(b"text"), most=100)
                attachments.add(ctx, "customer", made[0].id, [taken])
        return made[0].id, sales[0].id

    def counts(customer: str, sale: str) -> dict[str, int]:
        screens = {
            "home": "/",
            "list": "/o/customer",
            "list with lookups": "/o/sale",
            "list of 100": "/o/customer?size=100",
            "list filtered": "/o/customer?f.level=a&q=cust",
            "record with related lists": f"/o/customer/{customer}",
            "record with lines": f"/o/sale/{sale}",
            "activity": f"/o/customer/{customer}/activity",
            "history": f"/o/sale/{sale}/history",
            "new": "/o/sale/new",
            "edit": f"/o/sale/{sale}/edit",
            "suggest": "/o/customer/suggest?q=cust",
            "account": "/account",
        }
        return {name: counted(lambda path=path: ann.text(path)) for name, path in screens.items()}

    few = counts(*fill(0, 2))
    many = counts(*fill(100, 40))
    assert many == few
    matches_golden(json.dumps(many, indent=2), GOLDEN)
