"""Every page: address, who may, what it does. One table, so that nothing is reachable that is not in it."""

from center.accounts import pages as accounts
from center.accounts.model.roles import Right
from center.attendance import pages as attendance
from center.audit import pages as audit
from center.booths import pages as booths
from center.delivery import pages as deliveries
from center.graduates import pages as school
from center.identity import pages as settle
from center.receipts import pages as receipts
from center.recrop import pages as mend
from center.review.pages import evidence, numbers, photo, queue, review, second
from center.roster import pages as rosters
from center.web import entry
from center.web.gate import Page

SHOT = "{shot_id:shot}"

PAGES: tuple[Page, ...] = (
    # everybody
    Page("GET", "/static/{name}", entry.static_file, public=True),
    Page("GET", "/r/{code}", receipts.receipt, public=True),
    Page("GET", "/language/{language}", entry.language, public=True),
    Page("GET", "/login", entry.login_page, public=True),
    Page("POST", "/login", entry.login, public=True),
    Page("GET", "/metrics", numbers.metrics, public=True),  # with a token of its own
    # every account
    Page("GET", "/", entry.home),
    Page("POST", "/logout", entry.logout, first_password=True),
    Page("GET", "/account", accounts.own, first_password=True),
    Page("POST", "/account/password", accounts.own_password, first_password=True),
    Page("POST", "/account/end-session", accounts.end_own_session),
    # the queue
    Page("GET", "/queue", queue.listing, Right.REVIEW),
    Page("POST", "/queue/approve", queue.approve_page, Right.APPROVE_PAGE),
    Page("POST", "/queue/undo", queue.undo_page, Right.APPROVE_PAGE),
    # one shot
    Page("GET", "/review", review.idle, Right.REVIEW),
    Page("POST", "/review", review.start, Right.REVIEW),
    Page("POST", "/review/ahead", review.fill_ahead, Right.REVIEW),
    Page("POST", "/review/keep", review.keep_alive, Right.REVIEW),
    Page("POST", "/review/stop", review.stop, Right.REVIEW),
    Page("GET", f"/review/{SHOT}", review.look, Right.REVIEW),
    Page("POST", f"/review/{SHOT}/take", review.take, Right.REVIEW),
    Page("POST", f"/review/{SHOT}/approve", review.approve, Right.REVIEW),
    Page("POST", f"/review/{SHOT}/reject", review.reject, Right.REVIEW),
    Page("POST", f"/review/{SHOT}/skip", review.skip, Right.REVIEW),
    Page("POST", f"/review/{SHOT}/undo", review.undo, Right.REVIEW),
    Page("POST", f"/review/{SHOT}/reopen", review.reopen, Right.REOPEN),
    Page("POST", f"/review/{SHOT}/reveal", review.reveal, Right.REVEAL),
    Page("POST", f"/review/{SHOT}/mend", mend.mend, Right.REVIEW),
    Page("POST", f"/review/{SHOT}/settle", settle.settle, Right.SETTLE),
    Page("GET", f"/shots/{SHOT}/{{ticket}}.jpg", photo.photo, Right.REVIEW),
    # the office
    Page("GET", "/school", school.school, Right.STATUS),
    Page("GET", "/numbers", numbers.numbers, Right.NUMBERS),
    Page("GET", "/numbers/second-looks", second.second_looks, Right.NUMBERS),
    Page("POST", "/numbers/second-looks", second.settle, Right.REOPEN),
    Page("GET", "/numbers/checks", evidence.checks, Right.NUMBERS),
    Page("GET", "/numbers/checks/{check}", evidence.check, Right.NUMBERS),
    Page("GET", "/rosters", rosters.rosters, Right.ROSTERS),
    Page("POST", "/rosters", rosters.bring, Right.ROSTERS, file_bytes=rosters.MOST_BYTES),
    Page("GET", "/rosters/form", rosters.form, Right.ROSTERS),
    Page("POST", "/rosters/take-back", rosters.take_back, Right.ROSTERS),
    Page("GET", "/attendance", attendance.attendance, Right.ATTENDANCE),
    Page("GET", "/deliveries", deliveries.deliveries, Right.DELIVER),
    Page("POST", "/deliveries", deliveries.make, Right.DELIVER),
    Page("POST", "/deliveries/take", deliveries.take, Right.DELIVER),
    Page("POST", "/deliveries/password", deliveries.password, Right.DELIVER),
    Page("POST", "/deliveries/hand-over", deliveries.hand_over, Right.DELIVER),
    Page("GET", "/booths", booths.board, Right.NUMBERS),
    Page("POST", "/booths/enrol", booths.enrol, Right.MANAGE_BOOTHS),
    Page("POST", "/booths/revoke", booths.revoke, Right.MANAGE_BOOTHS),
    Page("GET", "/accounts", accounts.accounts, Right.MANAGE_USERS),
    Page("POST", "/accounts/add", accounts.add, Right.MANAGE_USERS),
    Page("POST", "/accounts/disable", accounts.disable, Right.MANAGE_USERS),
    Page("POST", "/accounts/reopen", accounts.reopen, Right.MANAGE_USERS),
    Page("POST", "/accounts/reset-password", accounts.reset_password, Right.MANAGE_USERS),
    Page("POST", "/accounts/reset-app", accounts.reset_app, Right.MANAGE_USERS),
    Page("POST", "/accounts/monitor", accounts.make_monitor_token, Right.MANAGE_USERS),
    Page("POST", "/accounts/end-session", accounts.end_session, Right.MANAGE_USERS),
    Page("GET", "/audit", audit.audit, Right.READ_AUDIT),
    Page("POST", "/audit/verify", audit.verify, Right.READ_AUDIT),
)
