from dougong.builtin.field_types.url import Url
from dougong.testing.contracts import FieldTypeContract


class TestUrl(FieldTypeContract):
    field_type = Url()
    accepts = {
        "https://example.com/a?b=c#d": "https://example.com/a?b=c#d",
        " http://例子.中国/路径 ": "http://例子.中国/路径",
        "HTTPS://example.com:8443": "HTTPS://example.com:8443",
        "http://[::1]:8080/": "http://[::1]:8080/",
    }
    refuses = {
        "example.com": "Enter a web address, such as https://example.com.",
        "javascript:alert(1)": "url_unclear",
        "JaVaScRiPt://example.com/%0aalert(1)": "url_unclear",
        "data:text/html,<script>": "url_unclear",
        "ftp://example.com": "url_unclear",
        "//example.com": "url_unclear",
        "https://": "url_unclear",
        "https:///path": "url_unclear",
        "https://bank.com@evil.example": "url_unclear",
        "https://example.com:port/": "url_unclear",
        "http://[::1": "url_unclear",
        'https://example.com/"onclick=': "url_unclear",
        "https://example.com/a b": "url_unclear",
        "https:\\\\example.com": "url_unclear",
        "java\tscript:alert(1)": "url_unclear",
    }
    shows = {"https://example.com": "https://example.com"}
    cells = {"https://example.com": "https://example.com"}
    dumps = {"https://example.com": "https://example.com"}
