"""Reads a PDF as people do: its words, its print, its codes under a camera."""

import ctypes
from dataclasses import dataclass

import pypdfium2
import pypdfium2.raw as pdfium
import zxingcpp


@dataclass(frozen=True)
class Paper:
    text: str
    pages: int
    width: int  # millimetres
    title: str
    language: str
    tagged: bool
    smallest: float  # points
    codes: tuple[str, ...]

    def __contains__(self, words: str) -> bool:
        """However the lines were broken."""
        return "".join(words.split()) in "".join(self.text.split())


def read(pdf: bytes) -> Paper:
    document = pypdfium2.PdfDocument(pdf)
    pages = [document[number] for number in range(len(document))]
    texts = [page.get_textpage() for page in pages]
    print_sizes = {
        round(pdfium.FPDFText_GetFontSize(text, at), 1)
        for text in texts
        for at in range(text.count_chars())
        if text.get_text_range(at, 1).strip()
    }
    return Paper(
        text="\n".join(text.get_text_range() for text in texts),
        pages=len(pages),
        width=round(pages[0].get_width() / 72 * 25.4),
        title=document.get_metadata_value("Title"),
        language=_language(document),
        tagged=bool(pdfium.FPDFCatalog_IsTagged(document)),
        smallest=min(print_sizes),
        codes=tuple(code.text for page in pages for code in _codes(page)),
    )


def _language(document: pypdfium2.PdfDocument) -> str:
    letters = (ctypes.c_ushort * 16)()  # UTF-16
    length = pdfium.FPDFCatalog_GetLanguage(document, letters, ctypes.sizeof(letters))
    return bytes(letters)[: length - 2].decode("utf-16-le")


def _codes(page: pypdfium2.PdfPage) -> list[zxingcpp.Barcode]:
    """What a camera reads off the page at 216 dots per inch, in reading order."""
    picture = page.render(scale=3, grayscale=True)
    grey = memoryview(bytes(picture.buffer)).cast("B", (picture.height, picture.stride))
    return sorted(
        zxingcpp.read_barcodes(grey), key=lambda code: (code.position.top_left.y // 50, code.position.top_left.x)
    )
