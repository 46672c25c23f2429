"""What a wallet tells its holder, in Vietnamese and English: plain words for kinds, slots and what stays hidden."""

from collections.abc import Mapping

LANGUAGES = ("en", "vi")
Text = Mapping[str, str]

KINDS: Mapping[str, Text] = {
    "account": {
        "en": "{host} asks you to sign in, or to open an account.",
        "vi": "{host} đề nghị bạn đăng nhập hoặc mở tài khoản.",
    },
    "voice": {
        "en": "{host} asks for your one voice in “{detail}”, open until {end}.",
        "vi": "{host} đề nghị bạn bày tỏ ý kiến một lần trong “{detail}”, đến hết ngày {end}.",
    },
    "rate": {
        "en": "{host} lets you act a limited number of times from {start} to {end}.",
        "vi": "{host} cho phép bạn thực hiện một số lượt có hạn từ {start} đến {end}.",
    },
    "party": {
        "en": "{host} asks you to take part in case {detail}.",
        "vi": "{host} đề nghị bạn tham gia vụ việc {detail}.",
    },
    "quota": {
        "en": "{host} counts how many complaints one person files.",
        "vi": "{host} đếm số khiếu nại mà một người gửi.",
    },
    "subscriber": {
        "en": "{host} asks you to hold a telephone line.",
        "vi": "{host} đề nghị bạn đứng tên thuê bao.",
    },
}

SLOTS: Mapping[str, Text] = {
    "assurance": {
        "en": "how thoroughly your document was checked: {value}",
        "vi": "giấy tờ của bạn đã được kiểm tra kỹ đến đâu: {value}",
    },
    "settled": {
        "en": "whether you are past the waiting time that follows a lost wallet: {value}",
        "vi": "bạn đã qua thời gian chờ sau khi mất ví hay chưa: {value}",
    },
    "age_over_13": {"en": "whether you are over 13: {value}", "vi": "bạn đã đủ 13 tuổi hay chưa: {value}"},
    "age_over_16": {"en": "whether you are over 16: {value}", "vi": "bạn đã đủ 16 tuổi hay chưa: {value}"},
    "age_over_18": {"en": "whether you are over 18: {value}", "vi": "bạn đã đủ 18 tuổi hay chưa: {value}"},
    "country": {
        "en": "which State issued your document: {value}",
        "vi": "quốc gia cấp giấy tờ của bạn: {value}",
    },
    "full_name": {"en": "YOUR NAME: {value}", "vi": "HỌ TÊN CỦA BẠN: {value}"},
}

VALUES: Mapping[str | bool, Text] = {
    True: {"en": "yes", "vi": "rồi"},
    False: {"en": "no", "vi": "chưa"},
    "chip": {"en": "chip read", "vi": "đã đọc chip"},
    "chip_genuine": {"en": "chip read, no copy", "vi": "đã đọc chip, không phải bản sao"},
    "chip_genuine_face": {"en": "chip read, no copy, face compared", "vi": "đã đọc chip, đối chiếu khuôn mặt"},
    "in_person": {"en": "seen in person", "vi": "đã gặp trực tiếp"},
}

PSEUDONYMS: Mapping[str, Text] = {
    "account": {
        "en": "that you are the same person as whenever you come to {host}",
        "vi": "bạn là cùng một người trong mọi lần đến {host}",
    },
    "voice": {
        "en": "that one person speaks once; not which account here is yours",
        "vi": "một người lên tiếng một lần; không biết tài khoản nào ở đây là của bạn",
    },
    "rate": {
        "en": "that one person acts once more; not which other acts are yours",
        "vi": "một người thực hiện thêm một lượt; không biết các lượt khác có phải của bạn hay không",
    },
    "party": {
        "en": "that you are the same person throughout this case",
        "vi": "bạn là cùng một người trong suốt vụ việc này",
    },
    "quota": {
        "en": "how many complaints the same person filed here",
        "vi": "cùng một người đã gửi bao nhiêu khiếu nại ở đây",
    },
    "subscriber": {
        "en": "that you are the same person for all lines you hold there",
        "vi": "bạn là cùng một người cho mọi thuê bao đứng tên tại đó",
    },
}

FIRST_TIME: Text = {
    "en": "This is your first time there. Its key is trusted because it is the first one seen; no public log"
    " confirms it yet.",
    "vi": "Đây là lần đầu bạn đến đó. Khóa của trang này được tin vì là khóa đầu tiên được thấy; chưa có nhật ký công"
    " khai xác nhận.",
}
KNOWN: Text = {"en": "You have been there before.", "vi": "Bạn đã từng đến đó."}
UNSETTLED: Text = {
    "en": "You are still in the waiting time after a lost wallet: reading works, most else may be refused.",
    "vi": "Bạn còn trong thời gian chờ sau khi mất ví: có thể đọc, phần lớn việc khác có thể bị từ chối.",
}

NAME_TOLD: Text = {
    "en": "This tells them who you are. It cannot be taken back, and ties your name to what you do there under this"
    " pseudonym. You never need it to sign in.",
    "vi": "Việc này cho họ biết bạn là ai. Không thể rút lại, và gắn họ tên của bạn với những gì bạn làm ở đó dưới bí"
    " danh này. Bạn không bao giờ cần nó để đăng nhập.",
}
NEVER_BESIDE_A_NAME: Text = {
    "en": "your birth date, number, picture or document",
    "vi": "ngày sinh, số định danh, ảnh hay giấy tờ của bạn",
}

NEVER: tuple[Text, ...] = (
    {
        "en": "your name, birth date, number, picture or document",
        "vi": "họ tên, ngày sinh, số định danh, ảnh hay giấy tờ của bạn",
    },
    {
        "en": "your accounts and pseudonyms anywhere else",
        "vi": "các tài khoản và bí danh của bạn ở nơi khác",
    },
)


def say(text: Text, language: str, **values: str) -> str:
    """Return a text in a language, English where there is no other."""
    return text.get(language, text["en"]).format_map(values)


def say_value(value: str | bool, language: str) -> str:
    """Return a slot's value in words; a country stays its code."""
    return say(VALUES[value], language) if value in VALUES else str(value)
