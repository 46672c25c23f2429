"""What a refusal means to the person who reads it, in their language, and what to do now.

Only codes travel; the sentences are the wallet's own, so that nobody else can put words on the holder's screen.
"""

from types import MappingProxyType

_SENTENCES = MappingProxyType(
    {
        "already_enrolled": (
            "Somebody with the number of this document is enrolled already: restore from your kit, or “replace” if"
            " wallet and kit are lost.",
            "Số trên giấy tờ này đã được ghi danh: hãy khôi phục từ bộ khôi phục, hoặc dùng “replace” nếu đã mất cả ví"
            " lẫn bộ khôi phục.",
        ),
        "unknown_handle": (
            "These words and this passphrase are not those of the person on the document: check them for a slip.",
            "Các từ và mật khẩu này không phải của người trên giấy tờ: hãy kiểm tra lại xem có gõ nhầm không.",
        ),
        "dead_handle": (
            "This kit belongs to a wallet that was replaced for good; it cannot come back.",
            "Bộ khôi phục này thuộc về một ví đã được thay thế hẳn; không thể dùng lại.",
        ),
        "handle_of_another": (
            "This wallet belongs to somebody with another number: use your own.",
            "Ví này thuộc về người có số khác: hãy dùng ví của bạn.",
        ),
        "frozen": (
            "Your credentials are frozen: kit and document end that (“restore”), or wait until it ends by itself.",
            "Chứng nhận của bạn đang bị đóng băng: dùng bộ khôi phục và giấy tờ (“restore”), hoặc chờ đến khi tự hết.",
        ),
        "in_person": (
            "This needs you to come to the issuer in person, with your document.",
            "Việc này cần bạn đến nơi cấp trực tiếp, mang theo giấy tờ.",
        ),
        "reenrolment_waiting": (
            "Another replacement is waiting already: wait for it, or object to it with “veto” from your old wallet.",
            "Đã có một yêu cầu thay thế đang chờ: hãy chờ, hoặc phản đối bằng “veto” từ ví cũ.",
        ),
        "reenrolment_refused": (
            "The replacement did not take effect: an officer refused it, or another took its place.",
            "Việc thay thế không có hiệu lực: đã bị từ chối, hoặc có yêu cầu khác thay chỗ.",
        ),
        "unknown_device": (
            "The issuer does not know this device: restore from your kit, or approve it from another device of yours.",
            "Nơi cấp không biết thiết bị này: hãy khôi phục từ bộ khôi phục, hoặc chấp thuận từ thiết bị khác của bạn.",
        ),
        "unknown_holder": (
            "The issuer does not know this wallet with this device: it was restored elsewhere, replaced or erased.",
            "Nơi cấp không biết ví này trên thiết bị này: ví đã được khôi phục nơi khác, thay thế hoặc xoá.",
        ),
        "wallet_empty": (
            "This wallet is empty: enrol, or restore from your kit.",
            "Ví này còn trống: hãy ghi danh, hoặc khôi phục từ bộ khôi phục.",
        ),
        "not_enrolled": (
            "Nobody with the number of this document is enrolled.",
            "Chưa có ai ghi danh với số trên giấy tờ này.",
        ),
        "too_many_devices": (
            "Three devices are the most: remove one first.",
            "Nhiều nhất là ba thiết bị: hãy bỏ bớt một thiết bị trước.",
        ),
        "session_spent": (
            "That was used already: begin again with your document.",
            "Bước này đã được dùng: hãy bắt đầu lại với giấy tờ của bạn.",
        ),
        "expired": (
            "It took too long: begin again.",
            "Đã quá lâu: hãy bắt đầu lại.",
        ),
        "nonce_spent": (
            "It took too long, or was tried too often: try again.",
            "Đã quá lâu hoặc thử quá nhiều lần: hãy thử lại.",
        ),
        "not_renewable": (
            "Your credentials are too old to renew: enrol again with your document; your pseudonyms stay the same.",
            "Chứng nhận đã quá cũ để gia hạn: hãy ghi danh lại với giấy tờ; các bí danh của bạn vẫn giữ nguyên.",
        ),
        "key_compromised": (
            "The issuer's key is no longer trusted: enrol again with your document; your pseudonyms stay the same.",
            "Khoá của nơi cấp không còn được tin cậy: hãy ghi danh lại với giấy tờ; các bí danh vẫn giữ nguyên.",
        ),
        "wrong_state": (
            "This issuer serves documents of another State.",
            "Nơi cấp này phục vụ giấy tờ của quốc gia khác.",
        ),
        "no_personal_number": (
            "This document has no personal number signed by the State, by which you could be told from everybody else: "
            "show another one that has, usually your identity card. The office that issues it can say how to get one.",
            "Giấy tờ này không có số định danh được nhà nước ký để phân biệt bạn với mọi người khác: hãy dùng giấy tờ "
            "khác có số đó, thường là thẻ căn cước. Cơ quan cấp thẻ có thể hướng dẫn bạn làm thẻ.",
        ),
        "document_chip_missing": (
            "The chip can show that it is no copy, and was not asked to: read it again, with the chip at hand.",
            "Chip có thể chứng minh nó không phải bản sao nhưng chưa được hỏi: hãy đọc lại giấy tờ với chip bên cạnh.",
        ),
        "document_chip": (
            "The chip's answer does not fit: read the document again. If that does not help, the chip may be a copy.",
            "Câu trả lời của chip không khớp: hãy đọc lại giấy tờ. Nếu vẫn vậy, chip có thể là bản sao.",
        ),
        "document_groups_missing": (
            "Not all of the chip that is needed was read: read the document again.",
            "Chưa đọc đủ dữ liệu cần thiết từ chip: hãy đọc lại giấy tờ.",
        ),
        "document_finding": (
            "This issuer does not accept how this document was signed: use another one, or ask the issuer.",
            "Nơi cấp này không chấp nhận cách giấy tờ này được ký: hãy dùng giấy tờ khác hoặc hỏi nơi cấp.",
        ),
        "officer_presence": (
            "The officer's confirmation is not for this session and document: begin again with the officer.",
            "Xác nhận của cán bộ không phải cho phiên và giấy tờ này: hãy bắt đầu lại cùng cán bộ.",
        ),
        "no_face_check": (
            "This issuer compares no faces: nothing was taken from your picture.",
            "Nơi cấp này không so khuôn mặt: ảnh của bạn không được sử dụng.",
        ),
        "no_signed_name": (
            "The State did not sign a name with its diacritics into this document.",
            "Trong giấy tờ này không có họ tên đầy đủ dấu được nhà nước ký.",
        ),
        "document_bundle": (
            "The document file is not what was read from a chip: have the document read again.",
            "Tệp giấy tờ không phải là dữ liệu đọc từ chip: hãy đọc lại giấy tờ.",
        ),
        "document_expired": ("The document has expired: use a newer one.", "Giấy tờ đã hết hạn: hãy dùng giấy tờ mới."),
        "unreachable": (
            "The other side cannot be reached: look at your connection and try again later.",
            "Không kết nối được: hãy kiểm tra mạng và thử lại sau.",
        ),
        "database_busy": ("The other side is busy: try again.", "Bên kia đang bận: hãy thử lại."),
        "rate_limited": (
            "The other side has too much to do: try again in a minute.",
            "Bên kia đang quá tải: hãy thử lại sau một phút.",
        ),
        "presentation_refused": (
            "The site refused what the wallet showed: begin the sign-in anew; if it happens again, renew first.",
            "Trang từ chối điều ví đưa ra: hãy bắt đầu đăng nhập lại; nếu vẫn bị từ chối, hãy gia hạn trước.",
        ),
        "epoch_not_accepted": (
            "What the wallet showed is of another week: renew, and begin the sign-in anew.",
            "Chứng nhận thuộc tuần khác: hãy gia hạn rồi bắt đầu đăng nhập lại.",
        ),
        "signin_unknown": (
            "The site does not know this sign-in any more: begin anew.",
            "Trang không còn biết lần đăng nhập này: hãy bắt đầu lại.",
        ),
        "signin_expired": ("It took too long: begin the sign-in anew.", "Đã quá lâu: hãy bắt đầu đăng nhập lại."),
        "signin_spent": (
            "This sign-in was answered already: begin anew.",
            "Lần đăng nhập này đã được trả lời: hãy bắt đầu lại.",
        ),
        "station_timeout": (
            "No service point showed a document in time: begin again when your turn comes.",
            "Đã hết thời gian mà điểm dịch vụ chưa đọc giấy tờ: hãy bắt đầu lại khi đến lượt bạn.",
        ),
        "station_document": (
            "A document with another State or birth date was shown: nothing was enrolled. If you typed them right, the"
            " service point showed somebody else's document.",
            "Giấy tờ được đọc có quốc gia hoặc ngày sinh khác: chưa ghi danh gì cả. Nếu bạn đã gõ đúng, điểm dịch vụ đã"
            " đưa ra giấy tờ của người khác.",
        ),
        "typed_facts": (
            "The State is three letters as printed (VNM); a birth date is written YEAR-MONTH-DAY (1990-05-17).",
            "Quốc gia gồm ba chữ cái như in trên giấy tờ (VNM); ngày sinh viết NĂM-THÁNG-NGÀY (1990-05-17).",
        ),
        "origin": (
            "The other side names an address that is not its own: do not go on.",
            "Bên kia đưa ra một địa chỉ không phải của mình: đừng tiếp tục.",
        ),
    }
)

CODES = frozenset(_SENTENCES)


def sentence_for(code: str, language: str) -> str | None:
    """Return what a code means to its reader in `vi` or else English; None if the error's own words must do."""
    pair = _SENTENCES.get(code)
    if pair is None and code.startswith("document_"):
        pair = (
            "The document could not be verified as genuine: have it read again, or use another one.",
            "Không xác minh được giấy tờ là thật: hãy đọc lại, hoặc dùng giấy tờ khác.",
        )
    return None if pair is None else pair[language == "vi"]
