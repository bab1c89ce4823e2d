"""From a text to the phonetic symbols the speech model knows."""

import re
import subprocess
import unicodedata

_TIE = "͡"
_SYLLABIC = "\u0329"
# eSpeak's IPA with ties -> the model's symbols, longest first, as the model was trained (misaki's table, Apache-2.0).
_ENGLISH = (
    *(("ʔˌn\u0329", "ʔn"), ("ʔn\u0329", "ʔn"), ("a^ɪ", "I"), ("a^ʊ", "W"), ("d^ʒ", "ʤ"), ("e^ɪ", "A"), ("t^ʃ", "ʧ")),
    *(("ɔ^ɪ", "Y"), ("ə^l", "ᵊl"), ("ʲo", "jo"), ("ʲə", "jə"), ("e", "A"), ("ʲ", ""), ("ɚ", "əɹ"), ("r", "ɹ")),
    *(("x", "k"), ("ç", "k"), ("ɐ", "ə"), ("ɬ", "l"), ("\u0303", "")),
)
_AMERICAN = (
    *(("o^ʊ", "O"), ("ɜːɹ", "ɜɹ"), ("ɜː", "ɜɹ"), ("ɪə", "iə"), ("ː", ""), ("o", "ɔ")),
    *(("ɾ", "T"), ("ʔ", "t"), ("^", "")),
)


def phonemes(language: str, text: str) -> str:
    """The symbols of `text` in `language`."""
    plain = re.sub(r"[“”\"（）()]", "", text)
    return mandarin(plain) if language == "zh_CN" else english(plain)


def mandarin(text: str) -> str:
    """Mandarin through words, pinyin with tones, and IPA."""
    from misaki.zh import ZHG2P

    return str(ZHG2P()(text)[0])


def english(text: str) -> str:
    """American English through eSpeak NG, clause by clause: the marks between clauses are kept."""
    return " ".join(_clause(words) + marks[:1] for words, marks in re.findall(r"([^,.;:!?]+)([,.;:!?]*)", text))


def _clause(words: str) -> str:
    command = ["espeak-ng", "-q", "--ipa", "--tie=^", "-v", "en-us", words]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = unicodedata.normalize("NFC", " ".join(said.split())).replace(_TIE, "^")
    for old, new in _ENGLISH:
        found = found.replace(old, new)
    found = re.sub(rf"(\S){_SYLLABIC}", r"ᵊ\1", found).replace(_SYLLABIC, "")
    for old, new in _AMERICAN:
        found = found.replace(old, new)
    return found
