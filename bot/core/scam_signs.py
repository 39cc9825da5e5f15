"""The words of fraud, as folded phrases (bot.core.normalise.fold), and how much each sign weighs. Read by bot.core.scam.

A phrase is a regular expression of whole words; "~5" stands for up to five words between, capitals for a list of PARTS.
Add a sign here and its words to messages.yml; tests/unit/scam_messages.yml says whether it harms.
"""

import re
from typing import Final, NamedTuple


class Sign(NamedTuple):
    """`weight`: 3 is fraud by itself, 2 is a reason for care, 1 counts only beside others."""

    weight: int
    phrases: tuple[str, ...]


PARTS: Final = {
    "SECRET": (
        "(otp|mat khau|ma pin|ma xac (thuc|nhan|minh)|ma bao mat|ma (6|sau) (chu )?so|ma ~2 (vua (gui|nhan)|gui ve|nhan tin ve)"
        "|(3|ba) so ~2 sau|cvv|passcode|password|pin code|verification code|one time code)"
    ),
    "GIVE": (
        "(doc|cung cap|gui|cho|dua|bao|khai|noi|xin|hoi|doi|lay|chup|send|give|tell|share|read|provide)"
    ),
    "BODY": (
        "(cong an|canh sat|csgt|vien kiem sat|toa an|thi hanh an|(chi )?cuc thue|co quan thue|can bo thue|thue co so|chi cuc"
        "|dien luc|evn|nhan vien dien|ngan hang|can bo (xa|phuong|tu phap|ho tich)|bo cong an|bao hiem xa hoi|uy ban|police|bank"
        "|tax (office|department)|buu dien|cuc vien thong|nha mang|hai quan|(thieu|trung|thuong|dai) (uy|ta))"
    ),
    "LINK": "(link|duong dan|duong link|lien ket|trang web|website)",
    "APP": "(app|ung dung|phan mem|application|tep|file)",
}  # fmt: skip
SIGNS: Final[dict[str, Sign]] = {
    "secret": Sign(3, (
        "GIVE ~5 SECRET", "SECRET (la gi|la bao nhieu|ra sao)",
    )),
    "app-file": Sign(3, (
        "apk", "(cai|tai|install) ~4 APP ~8 (qua (zalo|telegram|tin nhan)|(em|toi|ho|minh|chau) gui)",
        "nguon khong xac dinh", "unknown sources?",
    )),
    "remote": Sign(3, (
        "teamviewer", "anydesk", "ultraviewer", "chia se man hinh", "dieu khien tu xa", "tro nang", "remote control",
        "share your screen",
    )),
    "app": Sign(3, (
        "(cai|tai|cap nhat|dang nhap|download|install) ~4 APP ~8 (LINK|duoi day|nay|theo huong dan|this|link)",
        "(bam|nhan|vao|click) ~4 LINK ~6 (cai|tai|install|download)",
        "khi (cai|tai) ~2 APP",
        "(bao|keu|yeu cau|bat|huong dan|doi) ~4 (cai|tai) ~3 APP",
    )),
    "hold": Sign(3, (
        "tai khoan ~3 (an toan|bao mat|tam giu|tam thoi|kho bac bi mat|cua co quan dieu tra)", "safe account",
        "(chuyen (tien|khoan)|nop tien|chuyen (het|toan bo))"
        " ~8 (xac minh|kiem tra|chung minh|dieu tra|tai ngoai|bao lanh|khoi bi bat)",
    )),
    "level-2": Sign(2, (
        r"(kich hoat|nang cap|cap nhat|dong bo|xac thuc|chuan hoa)"
        r" ~5 (muc 2|vneid|dinh danh|can cuoc|sau sap nhap|thue bao|sinh trac)"
        r" ~14 (link|duong dan|zalo|dien thoai|online|neu khong|gap)",
        "(dang ky|lam) ~5 (muc 2|can cuoc|dinh danh) ~8 (online|qua zalo|tu xa|link)",
    )),
    "photo": Sign(2, (
        "(chup|gui|cung cap|send) ~5 (can cuoc|chung minh nhan dan|hai mat|2 mat|the ngan hang|khuon mat|id card)",
    )),
    "hush": Sign(2, (
        "giu bi mat", "(khong|dung|cam) (duoc )?(noi|ke) ~3 (voi ai|ai biet|cho ai|nguoi nha|vo|chong)",
        "keep (this|it) secret", "tell nobody", "do not tell any",
    )),
    "case": Sign(2, (
        "rua tien", "lenh bat", "truy na", "khoi to", "truy to", "(lien quan|dinh|vu|chua|co) ~4 ma tuy",
        "duong day(?! (nong|dien))", "trieu tap(?! (hop|dai|hoi))", "arrest warrant", "money laundering",
    )),
    "prize": Sign(2, (
        "trung thuong", "trung giai", "nhan thuong", "giai thuong", "qua tri an", "tri an khach",
        "tang ~3 (iphone|xe|voucher)", "you (have )?won", "lottery", "prize",
    )),
    "job": Sign(2, (
        "viec nhe luong cao", r"luong \d+\w* (mot )?ngay", "viec ~5 tai nha",
        "moi ngay ~2 (kiem|nhan|thu nhap)", "tuyen (nguoi|cong tac vien) ~3 (like|tim|online|tai nha)",
        "lam nhiem vu", "nhiem vu (online|don gian)", "cong tac vien ~6 (hoa hong|luong|thu nhap)",
        "(hoa hong|thu nhap|luong|kiem) ~8 (moi ngay|mot ngay|1 ngay|tai nha|per day)",
    )),
    "profit": Sign(2, (
        "loi nhuan", "sinh loi", "lai suat ~3 (ngay|thang)", "cam ket ~3 lai", "dau tu ~6 (lai|x2|gap doi)",
        "san ~3 (tien ao|ngoai hoi|forex|crypto)", "(thu hoi|lay lai) ~2 tien (bi|da|mat)",
        "(nhan|thu) lai tien ~3 lua", "cam ket thu hoi",
        "keo ~3 noi bo", "(bao|dam bao) thang",
    )),
    "kin": Sign(2, (
        "(cap cuu|tai nan|dang mo|phong mo|mo gap|vien phi|nhap vien) ~14 (chuyen|tien|gui|trieu|dong)",
        "(chuyen|gui|dong) ~8 vien phi",
    )),
    "borrow": Sign(2, (
        "(vay|muon) ~5 (gap|lien|ngay|tien|trieu)",
        "(dang ket|dien thoai ~3 hong|het tien|loi mang|mat dien thoai|mat vi) ~8 (chuyen|vay|muon|gui)",
        "(muon|thue|mua) ~2 tai khoan", "nhan tien ho(?! tro)",
    )),
    "parcel": Sign(2, (
        "(buu pham|buu kien|kien hang|goi hang|parcel|package) ~12 (hai quan|bi giu|ma tuy|phi|held|fee)",
    )),
    "account": Sign(1, (
        "(vao|sang|qua|toi|den|into?|to) (so )?(tai khoan|account) (nay|ca nhan|duoi|cua (bac si|toi|minh|em|anh|chi|ho|co))",
    )),
    "advance": Sign(1, (
        r"(nap|nop|coc|dong phi|phi|dat coc) ~3 truoc(?! (ngay|thang|han|\d+(?!\d|k| (trieu|tram|nghin|ngan|phan))))",
        "(mo khoa|giai ngan) ~2 (khoan vay|tien)", "chi can (nap|dong|coc|chuyen)", "fee (to|for) ~3 (claim|release|receive)",
        "phi ~2 (giu cho|ho so|kich hoat|dam bao|bao hiem khoan|xac minh|van chuyen|giai ngan)",
    )),
    "refund": Sign(1, (
        "hoan (tien|thue|phi)", "(nhan|linh|duoc|tien) ~3 (ho tro|tro cap)", "(nhan|linh|tang) qua", "refund", "gift",
        "dien thua", "giam tien dien",
    )),
    "poses": Sign(1, (
        "(xung|gia danh|tu nhan|noi la|bao la|toi la|minh la|em la|day la|goi tu"
        "|goi dien|goi den|ben|lam (o|ben|viec)|this is|calling from) ~4 BODY",
        "BODY ~4 (goi|dien thoai|call)",
    )),
    "claims": Sign(2, (
        "(xung|gia danh|tu nhan|mao danh) ~3 BODY",
    )),
    "threat": Sign(1, (
        "(bi|se|tam) ~3 (khoa|phat|bat|cat|dinh chi|ngung|vo hieu|xu ly|thu hoi|dong bang|phong toa)",
        "khoa (tai khoan|the|sim|thue bao|hai chieu|2 chieu)", "cat dien",
        "(tam|bat) giam", "tru tien", "se tru", "bi tru", "vi pham",
        "phat nguoi", "no xau", r"khoa (\w+ )?vinh vien", "suspended", "blocked", "fine", "arrest",
    )),
    "hurry": Sign(1, (
        r"(trong|sau) (vong )?\d+ ?(h|gio|phut|tieng)", "ngay (lap tuc|bay gio|hom nay)", "khan cap", "gap", "lap tuc",
        "het han (hom nay|trong)", r"within \d+ (hour|minute)", "urgent", "immediately",
    )),
    "pay": Sign(1, (
        "(chuyen|nap|dong|nop|gui|tra|thanh toan) ~4 (tien|khoan|phi|coc|trieu|tai khoan)", "nop (phat|thue)", "dat coc",
        "transfer", "deposit", "pay ~3 (fee|fine)",
    )),
    "click": Sign(1, (
        "(bam|nhan|vao|truy cap|click|mo|dang nhap|quet) ~4 (LINK|ma qr|qr)", "click", "ket ban zalo", "add zalo",
    )),
    "enter": Sign(1, (
        "(nhap|dien|khai|enter|type) ~4 (so the|mat khau|so tai khoan|otp|password|card number)",
    )),
    "premium": Sign(1, (
        "(goi|nhan tin|soan) ~6 (1900|dau so)",
    )),
    "foreign-phone": Sign(2, (
        "so dien thoai nuoc ngoai", "dau so (nuoc ngoai|la)", "so (may )?nuoc ngoai",
    )),
}  # fmt: skip
# Bodies and matters in whose name nobody but an official address should speak.
OFFICIAL_MATTERS: Final = (
    "BODY", "thue", "vneid", "can cuoc", "dich vu cong", "bhyt", "bao hiem", "tro cap", "phat nguoi",
    "tai khoan cua (quy khach|ban)",
    "vietcombank", "vcb", "vietinbank", "bidv", "agribank", "techcombank", "acb", "mbbank", "vpbank", "sacombank",
)  # fmt: skip


def pattern(phrases: tuple[str, ...]) -> re.Pattern[str]:
    """One pattern for all phrases, at whole words of a folded text."""
    joined = "|".join(phrases)
    for name, words in PARTS.items():
        joined = re.sub(rf"\b{name}\b", words, joined)
    joined = re.sub(r"\((?!\?)", "(?:", joined)
    return re.compile(r"\b(?:" + re.sub(r"~(\d+) ", r"(?:\\w+ ){0,\1}?", joined) + r")(?!\w)")
