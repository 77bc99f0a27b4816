# The words in which README.md tells its story: a phone, a desk and a wallet, made of curl.
# Source it beside a running `make run`:  . scripts/story.sh
HOST="http://127.0.0.1:${SHENBAN_SERVER__PORT:-8000}"
SMS="http://127.0.0.1:${SHENBAN_SMS__FAKE_PORT:-8091}"
WALLET="http://127.0.0.1:${SHENBAN_PAYMENTS__FAKE_PORT:-8096}"
ANSWER=""   # what was answered last, whole
TOKEN=""    # whose turn it is
TALK=""     # the conversation with the assistant

_python() { .venv/bin/python -c "$@"; }

# ask METHOD PATH [JSON]: as whoever's turn it is; keeps the answer, and stops at a refusal
ask() {
    ANSWER=$(curl -sS -X "$1" "$HOST$2" -H "Authorization: Bearer $TOKEN" \
        -H "Content-Type: application/json" -H "Idempotency-Key: $RANDOM-$RANDOM-$RANDOM" \
        ${3:+--data "$3"} -w '\n%{http_code}')
    local status="${ANSWER##*$'\n'}"
    ANSWER="${ANSWER%$'\n'*}"
    [ "$status" -lt 400 ] || { echo "$status $ANSWER" >&2; return 1; }
}

# of EXPRESSION: a part of the last answer, called a; e.g. of 'a["id"]'
of() {
    printf %s "$ANSWER" | _python 'import json, sys
a = json.load(sys.stdin); found = eval(sys.argv[1])
print(found if isinstance(found, str) else json.dumps(found, ensure_ascii=False))' "$1"
}

# phone NUMBER: log in with the code that our fake gateway received
phone() {
    TOKEN="" TALK=""
    ask POST /identity/codes "{\"phone\": \"$1\"}" || return
    local code
    code=$(curl -sS "$SMS/messages/$1" | _python 'import json, sys
print(json.load(sys.stdin)["parameters"]["code"])')
    ask POST /identity/sessions "{\"phone\": \"$1\", \"code\": \"$code\"}" || return
    TOKEN=$(of 'a["token"]')
}

# say TEXT: to the assistant; prints what it answers and offers
say() {
    ask POST /chat/messages "{\"text\": \"$1\", \"conversation\": ${TALK:-null}}" || return
    TALK="\"$(of 'a["conversation"]')\""
    echo "您> $1"
    of '"\n".join("沈办> " + each["text"] + "".join(
        "\n  [" + way["title"] + "]" for way in each["quick_replies"] + each["links"])
        for each in a["messages"])'
}

# photo: a picture, as a phone takes it
photo() {
    _python 'import sys; from PIL import Image
Image.effect_noise((1200, 1600), 60).convert("RGB").save(sys.stdout.buffer, "JPEG")'
}

# upload PATH: hands the picture on standard input in
upload() {
    ANSWER=$(curl -sS --fail-with-body -X POST "$HOST$1" -H "Authorization: Bearer $TOKEN" \
        -H "Content-Type: image/jpeg" --data-binary @-) || { echo "$ANSWER" >&2; return 1; }
}

# pay ORDER: through WeChat Pay, our own, which then tells us
pay() {
    ask POST "/payments/orders/$1/prepay" '{"openid": "oPayer"}' || return
    curl -sS --fail-with-body -o /dev/null -X POST "$WALLET/pay/${1//-/}"
}

# clerk LOGIN DEPARTMENT: a new account with an authenticator app, and its turn
clerk() {
    local password="correct-horse-battery" secret
    echo "$password" | .venv/bin/shenban staff add "$1" --name 张窗口 --hall municipal \
        --role clerk --department "$2" --password-stdin || return
    ask POST /staff/sessions "{\"login\": \"$1\", \"password\": \"$password\"}" || return
    TOKEN=$(of 'a["token"]')
    ask POST /staff/me/totp || return
    secret=$(of 'a["secret"]')
    ask POST /staff/me/totp/confirmation "{\"code\": \"$(_code "$secret" -30)\"}" || return
    ask POST /staff/sessions \
        "{\"login\": \"$1\", \"password\": \"$password\", \"code\": \"$(_code "$secret" 0)\"}" || return
    TOKEN=$(of 'a["token"]')
}

# a code of an authenticator app, so many seconds off: each counts once
_code() {
    _python 'import pyotp, sys, time
print(pyotp.TOTP(sys.argv[1]).at(time.time() + int(sys.argv[2])))' "$1" "$2"
}

# step CASE ACTION [MORE]: what a clerk does with a case that he has
step() {
    ask GET "/applications/desk/cases/$1?purpose=handling" || return
    ask POST "/applications/desk/cases/$1/actions" \
        "{\"action\": \"$2\", \"version\": $(of 'a["version"]')${3:+, $3}}" || return
    of 'a["state_name"]'
}
