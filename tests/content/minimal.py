"""The smallest content that can be published: one procedure in two languages, one contact."""

import shutil
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]

PROCEDURE = """\
id: khai-thu
kind: procedure
topic: birth_registration
title: Khai thử
label: Khai thử
passport:
  source: https://dichvucong.gov.vn/thu-tuc
  owner: tu-phap
  checked: 2026-07-18
  expires: 2027-01-18
codes:
  - 1.001193
agency: Ủy ban nhân dân xã
online: một phần
fees:
  - id: copy
    amount: 8000
    channel: mọi kênh
    words: mỗi bản sao
times:
  - id: normal
    value: 1
    unit: ngày làm việc
papers:
  - id: common
    case: Mọi trường hợp
    items:
      - Tờ khai
  - id: young
    case: Cho con cháu
    items:
      - Giấy khai sinh của cháu
answers:
  overview: Anh/chị đến bộ phận một cửa.
  how: Nộp tờ khai.
  where: Bộ phận một cửa.
  conditions: Ai cũng được.
  result: Nhận giấy.
questions:
  overview:
    - khai thử
    - làm giấy khai thử
    - em muốn khai thử
    - nhà tôi cần khai thử
  fee:
    - khai thử mất bao nhiêu tiền
    - khai thử tốn phí không
  time:
    - khai thử mấy ngày
    - bao lâu có giấy khai thử
related:
  - noi-tiep-dan
"""

TRANSLATION = """\
id: khai-thu
title: Trial registration
label: Trial registration
fees:
  copy: for each copy
papers:
  common:
    case: Everyone
    items:
      - The form
  young:
    case: For a child
    items:
      - The child's birth certificate
answers:
  overview: Come to the one-stop counter.
  how: Hand in the form.
  where: The one-stop counter.
  conditions: Anybody may.
  result: You get the paper.
questions:
  overview:
    - trial registration
    - I want to register a trial
    - register trial
    - help with trial registration
  fee:
    - how much is trial registration
    - is the trial free
  time:
    - how long does the trial take
    - when do I get the trial paper
"""

CONTACT = """\
id: noi-tiep-dan
kind: contact
topic: office_info
title: Nơi tiếp dân
label: Nơi tiếp dân
passport:
  owner: tu-phap
  checked: 2026-07-18
  expires: 2027-01-18
answers:
  overview: "{{ commune.name }}, gọi {{ commune.hotline }}."
questions:
  overview:
    - nơi tiếp dân
    - tiếp dân ở đâu
    - chỗ tiếp dân
    - cho hỏi nơi tiếp dân
    - địa điểm tiếp dân
    - lịch tiếp dân
    - bữa nào tiếp dân
    - gặp người tiếp dân
"""

MENU = """\
all:
  vi: Tất cả
  en: Everything
  entries:
    - khai-thu
"""

PROCEDURE_FILE = "content/vi/procedures/khai-thu.yml"
TRANSLATION_FILE = "content/en/procedures/khai-thu.yml"
CONTACT_FILE = "content/vi/contacts/noi-tiep-dan.yml"
COMMUNE_FILE = "content/commune.yml"
MENU_FILE = "content/menu.yml"
SCAM_FILE = "content/scam.yml"


def build(root: Path) -> None:
    """Write it below `root`; the commune, topics, catalogue and messages are the shipped ones."""
    for name in (
        "commune.yml",
        "topics.yml",
        "scam.yml",
        "scam_examples.yml",
        "catalogue.tsv",
        "vi/messages.yml",
        "en/messages.yml",
    ):
        (root / "content" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(REPOSITORY / "content" / name, root / "content" / name)
    files = {
        PROCEDURE_FILE: PROCEDURE, TRANSLATION_FILE: TRANSLATION, CONTACT_FILE: CONTACT, MENU_FILE: MENU,
    }  # fmt: skip
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
