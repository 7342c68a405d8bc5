from dougong.builtin.field_types.phone import Phone
from dougong.testing.contracts import FieldTypeContract


class TestPhone(FieldTypeContract):
    field_type = Phone()
    accepts = {
        "13800138000": "13800138000",
        "+86 138 0013 8000": "+86 138 0013 8000",
        "＋８６　１３８－００１３－８０００": "+86 138-0013-8000",
        "010 — 6655  8888": "010-6655 8888",
        "(030) 123.456": "(030) 123.456",
        "010-66558888 转 801": "010-66558888 转 801",
        "+1 555 0100 ext. 7": "+1 555 0100 ext. 7",
        "95533": "95533",
    }
    refuses = {
        "1234": "Enter a telephone number, such as +86 138 0013 8000.",
        "1" * 21: "phone_unclear",
        "86+138": "phone_unclear",
        "call me": "phone_unclear",
        "138 0013 8000 / 139 0013 9000": "phone_unclear",
        13800138000: "text_expected",
    }
    shows = {"+86 138-0013-8000": "+86 138-0013-8000"}
    cells = {"13800138000": "13800138000"}
    dumps = {"13800138000": "13800138000"}
