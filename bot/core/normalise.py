"""One spelling for what Vietnamese people type in many ways. Standard library only: the NLU environment uses it too.

canonical("Hoà gởi  hs  KHOONG đc") -> "hòa gởi hồ sơ không được"
fold("Đăng ký khai sinh?")          -> "dang ky khai sinh"

Sources: tone position of open oa/oe/uy follows the older school spelling, as official portals write (hòa, thủy), NFC alone
does not unify it; syllable shapes after "Quy tắc chính tả tiếng Việt" (onset + rhyme + tone); Telex as in Unikey's manual.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_TONES = "\u0300\u0301\u0303\u0309\u0323"  # huyền sắc ngã hỏi nặng
_TONE = re.compile(f"[{_TONES}]")
_VOWEL_MARK = re.compile("(?<=[aeo])\u0302|(?<=a)\u0306|(?<=[ou])\u031b")  # â ê ô, ă, ơ ư
_TELEX_TONES = {"f": "\u0300", "s": "\u0301", "x": "\u0303", "r": "\u0309", "j": "\u0323"}
_TELEX_VOWELS = {"aa": "â", "ee": "ê", "oo": "ô", "aw": "ă", "ow": "ơ", "uw": "ư", "dd": "đ"}
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ufe00-\ufe0f]")
_MARKS = re.compile(r"[\u0300-\u036f]")
_MARKED = re.compile(f"[đ{_TONES}\u0302\u0306\u031b]")
_SPACE = re.compile(r"\s+")
_WORD = re.compile(r"[^\W_]+")
_NOT_WORD = re.compile(r"[\W_]+")
_LENGTHENED = re.compile(r"([^\W\d_])\1{2,}")
_POLICE = re.compile(r"\bca (?=(?:xã|phường|xa|phuong)\b)")
_MOVED_TONE = re.compile(rf"(?<![a-z])([a-zđ]*?)(o[ae]|(?<!q)uy)([{_TONES}])(?![a-zđ\u0300-\u036f])")

# Accent-free onsets and rhymes of Vietnamese syllables: what is no syllable may be a Telex slip.
_ONSETS = "ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|b|c|d|đ|g|h|k|l|m|n|p|r|s|t|v|x|"
_RHYMES = (
    "a ac ach ai am an ang anh ao ap at au ay e ec em en eng eo ep et eu i ia ich iec iem ien ieng iep iet ieu im in inh ip"
    " it iu o oa oac oach oai oam oan oang oanh oao oap oat oay oc oe oen oeo oet oi om on ong op ot u ua uan uang"
    " uat uay uc ue uech uenh ui um un ung uo uoc uoi uom uon uong uop uot uou up ut uu uy uya uych uyen uyet uynh uyt uyu"
    " y yem yen yeng yet yeu uan uat uang ue uenh"
)
_SYLLABLE = re.compile(f"(?:{_ONSETS})(?:{'|'.join(sorted(set(_RHYMES.split()), key=len, reverse=True))})")

# What people write for speed. Only what has one meaning in front of a counter; "tt", "bh", "hn" have several and stay,
# and so do "hong", "hem", "ca": without accents they are also hồng (sổ hồng), hẻm, cả.
_SHORT = {
    "ko": "không", "k": "không", "hok": "không", "hông": "không", "hổng": "không", "khum": "không",
    "kg": "không", "kh": "không", "khg": "không", "kô": "không",
    "dc": "được", "đc": "được", "dk": "đăng ký", "đk": "đăng ký", "đký": "đăng ký", "dky": "đăng ký",
    "dki": "đăng ký", "đki": "đăng ký", "đkí": "đăng ký", "dkkh": "đăng ký kết hôn", "đkkh": "đăng ký kết hôn",
    "ks": "khai sinh", "gks": "giấy khai sinh", "đkks": "đăng ký khai sinh", "dkks": "đăng ký khai sinh",
    "kt": "khai tử", "cmnd": "chứng minh nhân dân", "cmt": "chứng minh thư", "cccd": "căn cước công dân",
    "cc": "căn cước", "hkd": "hộ kinh doanh", "đkkd": "đăng ký kinh doanh", "dkkd": "đăng ký kinh doanh",
    "gpkd": "giấy phép kinh doanh", "gpxd": "giấy phép xây dựng", "gplx": "giấy phép lái xe", "gcn": "giấy chứng nhận",
    "qsdđ": "quyền sử dụng đất", "qsdd": "quyền sử dụng đất", "sđt": "số điện thoại", "sdt": "số điện thoại",
    "đt": "điện thoại", "dt": "điện thoại", "hs": "hồ sơ", "hsơ": "hồ sơ", "hso": "hồ sơ", "ubnd": "ủy ban nhân dân",
    "ub": "ủy ban", "hđnd": "hội đồng nhân dân", "dvc": "dịch vụ công", "dvctt": "dịch vụ công trực tuyến",
    "tthc": "thủ tục hành chính", "hcc": "hành chính công", "ttpvhcc": "trung tâm phục vụ hành chính công",
    "bhyt": "bảo hiểm y tế", "bhxh": "bảo hiểm xã hội", "bhtn": "bảo hiểm thất nghiệp", "tk": "tài khoản",
    "stk": "số tài khoản", "mk": "mật khẩu", "nvqs": "nghĩa vụ quân sự", "xn": "xác nhận",
    "j": "gì", "ji": "gì", "z": "vậy", "v": "vậy", "dz": "vậy", "ntn": "như thế nào", "bn": "bao nhiêu",
    "bnhiu": "bao nhiêu", "nhiu": "nhiêu", "lm": "làm", "gt": "giấy tờ", "tnao": "thế nào", "vs": "với",
    "mn": "mọi người", "ng": "người", "ngta": "người ta", "nc": "nước", "qđ": "quy định", "ql": "quản lý", "vp": "vi phạm",
    "r": "rồi", "rùi": "rồi", "trc": "trước", "cv": "công việc", "ck": "chuyển khoản",
    "nh": "ngân hàng", "tmđt": "thương mại điện tử", "lltp": "lý lịch tư pháp", "syll": "sơ yếu lý lịch",
    "tthn": "tình trạng hôn nhân", "pccc": "phòng cháy chữa cháy", "attp": "an toàn thực phẩm",
    "vsattp": "vệ sinh an toàn thực phẩm", "antt": "an ninh trật tự", "csgt": "cảnh sát giao thông",
    "cax": "công an xã", "gv": "giáo viên", "cty": "công ty", "kp": "khu phố", "ctv": "cộng tác viên",
    "htx": "hợp tác xã", "tnld": "tai nạn lao động", "ngừi": "người", "bik": "biết", "bít": "biết", "thui": "thôi",
    "wá": "quá", "wa": "quá", "iu": "yêu", "oke": "ok", "okie": "ok", "okay": "ok", "tks": "cảm ơn",
    "thx": "cảm ơn", "camon": "cảm ơn", "cám": "cảm",
}  # fmt: skip


def canonical(text: str) -> str:
    """Lower case, NFC, one tone position, short forms and Telex slips written out, single spaces. Idempotent."""
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).lower()
    text = _MARKS.sub("", unicodedata.normalize("NFC", text))  # those that belong to no letter
    text = _WORD.sub(lambda m: _word(m[0]), text)
    return _POLICE.sub("công an ", _SPACE.sub(" ", text).strip())


def fold(text: str) -> str:
    """Accent-free key: letters and digits of `canonical`, without marks, đ as d, punctuation as spaces."""
    bare = _bare(canonical(text))
    while (again := _bare(canonical(bare))) != bare:  # "kô" has become "ko", which is short for something
        bare = again
    return bare


# For texts of the content alone, which its checks, the index and the language detector spell again and again. What citizens
# write is never kept so.
content_canonical = lru_cache(maxsize=1 << 14)(canonical)
content_fold = lru_cache(maxsize=1 << 14)(fold)


def _bare(text: str) -> str:
    marks = unicodedata.normalize("NFD", text.replace("đ", "d"))
    return _NOT_WORD.sub(" ", _MARKS.sub("", marks)).strip()


def has_accents(text: str) -> bool:
    """Whether Vietnamese marks occur: then the language needs no guessing."""
    return bool(_MARKED.search(unicodedata.normalize("NFD", text.lower())))


@lru_cache(maxsize=1 << 15)  # a language has few words: most of the time of a training would go here
def _word(word: str) -> str:
    if word not in _SHORT and _LENGTHENED.search(word):  # "cccd" is short, not lengthened
        single = _LENGTHENED.sub(r"\1", word)
        word = single if single in _SHORT or _is_syllable(single) else _LENGTHENED.sub(r"\1\1", word)
    if word in _SHORT:
        return _SHORT[word]
    word = _tone_back(word)
    if word.isalpha() and not _is_syllable(word):
        fixed = _from_telex(word)
        return _SHORT.get(fixed, fixed)
    return word


def _tone_back(word: str) -> str:
    """hoà -> hòa, khoẻ -> khỏe, thuỷ -> thủy; hoàn, quý and loại stay."""
    marks = unicodedata.normalize("NFD", word)
    moved = _MOVED_TONE.sub(lambda m: f"{m[1]}{m[2][0]}{m[3]}{m[2][1]}", marks)
    return unicodedata.normalize("NFC", moved) if moved != marks else word


def _is_syllable(word: str) -> bool:
    marks = unicodedata.normalize("NFD", word)
    return bool(_SYLLABLE.fullmatch(_VOWEL_MARK.sub("", _TONE.sub("", marks))))


def _from_telex(word: str) -> str:
    """Undo keys that the keyboard left standing ("khoong", "ddawng", "nhuwx"); the word itself where that gives no syllable."""
    tone = ""
    bare = word
    for pair, vowel in _TELEX_VOWELS.items():
        bare = bare.replace(pair, vowel)
    bare = re.sub("uơ|uo(?=w)", "ươ", bare).replace("ươw", "ươ")
    if bare[-1] in _TELEX_TONES:
        tone = _TELEX_TONES[bare[-1]]
        bare = bare[:-1]
    if bare == word or not _is_syllable(bare) or _TONE.search(unicodedata.normalize("NFD", word)):
        return word
    return _tone_back(_with_tone(bare, tone)) if tone else bare


def _with_tone(syllable: str, tone: str) -> str:
    """Put the tone on the vowel that carries it: the one with a mark, else the last but one of an open rhyme."""
    vowels = [i for i, c in enumerate(syllable) if c in "aăâeêioôơuưy"]
    if syllable.startswith(("qu", "gi")) and len(vowels) > 1:
        vowels = vowels[1:]
    marked = [i for i in vowels if syllable[i] in "ăâêôơư"]
    closed = vowels[-1] < len(syllable) - 1
    place = marked[-1] if marked else vowels[-1] if closed or len(vowels) == 1 else vowels[-2]
    return unicodedata.normalize("NFC", syllable[: place + 1] + tone + syllable[place + 1 :])
