"""What Zalo's refusals that only people can mend ask of them, by number: its own words change, its numbers do not.

Numbers and meanings as told by several transcriptions of Zalo's documents, 2026-11; none could be tried with a real account.
"""

from typing import Final

_AGAIN: Final = ("chạy motcua setup zalo-oa và bấm đồng ý lần nữa", "run motcua setup zalo-oa and agree once more")
_OA: Final = ("OA bị tắt hoặc không còn: xem trang quản lý OA", "the OA is off or gone: see its console")
_APP: Final = ("ứng dụng bị gỡ khỏi OA hoặc bị xóa: liên kết lại", "the app was removed from the OA: link it again")
_ZCA: Final = ("tài khoản Zalo Cloud (ZCA) chưa gắn với ứng dụng hay OA", "the Zalo Cloud account is not linked")

MEANING: Final[dict[int, tuple[str, str]]] = {
    -204: _OA,
    -205: _OA,
    -209: ("ứng dụng chưa được bật ở developers.zalo.me", "the app is not active"),
    -212: ("ứng dụng chưa đăng ký API này ở developers.zalo.me", "the app has not registered this API"),
    -219: _APP,
    -221: ("OA chưa được xác thực (tích vàng)", "the OA is not verified"),
    -223: ("OA chưa cho ứng dụng quyền: " + _AGAIN[0], "the OA has not given the app its permission: " + _AGAIN[1]),
    -224: ("gói OA không có quyền này, hoặc đã hết hạn: xem gói ở trang quản lý OA", "the OA's package is too low"),
    -240: ("Zalo đã đóng lời gọi này: cần bản trợ lý mới hơn", "Zalo closed this call: a newer version is needed"),
    -242: ("MOTCUA_ZALO_OA_APP_SECRET không đúng với ứng dụng", "the App Secret is not this app's"),
    -248: (
        "Zalo cho là vi phạm quy định: xem thông báo ở trang quản lý OA",
        "against Zalo's policy: see the OA's console",
    ),
    -320: _ZCA,
    -321: _ZCA,
    -118: _AGAIN,
    -14014: _AGAIN,
    -14003: (
        "Callback Url ở developers.zalo.me khác địa chỉ mà motcua setup zalo-oa in ra",
        "the app's Callback Url is not the one that motcua setup zalo-oa shows",
    ),
    -14002: (
        "ứng dụng chưa bật, hoặc sai MOTCUA_ZALO_OA_APP_ID hay MOTCUA_ZALO_OA_APP_SECRET",
        "the app is not active, or its id or App Secret is wrong",
    ),
}
# what a new consent would not help against; a number that is not known may well be cured by one
NOT_BY_CONSENT: Final = frozenset(MEANING) - {-118, -14014, -219, -223}


def meaning(code: int) -> str:
    """ ": what to do" in both languages; "" for a number that says nothing to us."""
    return ": {} / {}".format(*MEANING[code]) if code in MEANING else ""
