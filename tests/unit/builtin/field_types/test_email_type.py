from dougong.builtin.field_types.email import Email
from dougong.testing.contracts import FieldTypeContract


class TestEmail(FieldTypeContract):
    field_type = Email()
    accepts = {
        "Ada@Example.COM": "Ada@example.com",
        "a.b+c@mail.example.co.uk": "a.b+c@mail.example.co.uk",
        "张三@例子.中国": "张三@例子.中国",
        "ａｄａ＠example.com": "ada@example.com",
    }
    refuses = {
        "ada": "Enter an e-mail address, such as name@example.com.",
        "ada@localhost": "email_unclear",
        "ada@-a.com": "email_unclear",
        "a..b@example.com": "email_unclear",
        ".a@example.com": "email_unclear",
        "a@b@example.com": "email_unclear",
        "a b@example.com": "email_unclear",
        "Ada <ada@example.com>": "email_unclear",
        "ada@example.com, bob@example.com": "email_unclear",
        "a@example..com": "email_unclear",
        "a" * 65 + "@example.com": "email_unclear",
        "a@" + "b" * 300 + ".com": "text_too_long",
        "a@x.com\nBcc: b@x.com": "text_one_line",
    }
    shows = {"ada@example.com": "ada@example.com"}
    cells = {"ada@example.com": "ada@example.com"}
    dumps = {"ada@example.com": "ada@example.com"}
