"""The text of messages, in Chinese like all letters to schools. It contains nothing about graduates."""

from center.mail.model import Message
from center.mail.service import Compose, Mail
from center.schools.model import Contact
from center.web.catalog import catalog

_PAGES = {"delivery": "/packs", "correction": "/feedback", "letter": "/letters"}


def composer(office_url: str | None, phone: str | None) -> Compose:
    """Make the function that writes messages; they name the office's address and telephone number, if it has them."""

    def compose(mail: Mail, contact: Contact) -> Message:
        words, what = catalog("zh"), mail.occasion.value
        values = {"school": mail.school, "year": mail.year}
        lines = [words(f"mail_text.{what}", **values)]
        if office_url is not None:
            lines.append(words("mail_text.where", address=f"{office_url.rstrip('/')}{_PAGES[what]}"))
        lines.append(words("mail_text.phone", phone=phone) if phone is not None else words("mail_text.no_phone"))
        lines.append(words("mail_text.automatic"))
        key = f"{what}-{mail.about}-{mail.mail_id}"
        return Message(key, contact, words(f"mail_text.{what}_subject", year=mail.year), "\n\n".join(lines) + "\n")

    return compose
