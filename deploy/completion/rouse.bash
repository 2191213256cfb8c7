# SPDX-License-Identifier: MIT
#
# bash completion for rouse(1); source it, or put it into
# /usr/share/bash-completion/completions/rouse.

# Names that roused knows: topics, groups or requests. None where it does not
# answer, and not a word about it.
_rouse_names() {
    local name

    COMPREPLY=()
    while IFS= read -r name; do
        [[ $name == "$word"* || $1 == topics && ${name##*.} == "$word"* ]] &&
            COMPREPLY+=("$name")
    done < <("${COMP_WORDS[0]}" complete "$1" 2>/dev/null)
}

_rouse() {
    local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local nouns='status cert alerts enrollment group checkin wake wave key backup events'
    local common='--json --verbose --color --socket --url --key --ca-file --help
        --version'
    local filter='--topic --kind --state --silent-for --parent --serial --group'
    local subject='--common-name --country --email'
    local words=() i skip=

    # The words so far, without options and the values of options.
    for ((i = 1; i < COMP_CWORD; i++)); do
        if [ -n "$skip" ]; then
            skip=
            continue
        fi
        case ${COMP_WORDS[i]} in
        --socket | --url | --key | --ca-file | --topic | --kind | --state | \
            --silent-for | --parent | --serial | --rate | --deadline | \
            --timeout | --verbs | --after | --apple-account | --note | --name | \
            --common-name | --country | --email | --output | -o | --csr | \
            --vendor-cert | --vendor-key | --chain | --renew | \
            --replace-topic | --confirm | --password-file | --file | \
            --enrollment | --mdmcert-key | --permission | --group | --color)
            skip=1
            ;;
        -*) ;;
        *) words+=("${COMP_WORDS[i]}") ;;
        esac
    done

    case $previous in
    --socket | --ca-file | --output | -o | --csr | --vendor-cert | \
        --vendor-key | --chain | --password-file | --file)
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
        return
        ;;
    --topic | --renew | --replace-topic)
        _rouse_names topics
        return
        ;;
    --group)
        _rouse_names groups
        return
        ;;
    --color)
        mapfile -t COMPREPLY < <(compgen -W 'never auto always' -- "$word")
        return
        ;;
    --state)
        mapfile -t COMPREPLY < <(compgen -W 'enabled disabled dead suspect' \
            -- "$word")
        return
        ;;
    --permission)
        mapfile -t COMPREPLY < <(compgen -W 'inherit override either' -- "$word")
        return
        ;;
    --verbs)
        mapfile -t COMPREPLY < <(compgen -W \
            'read checkin wake enrollments export pushcert admin' -- "$word")
        return
        ;;
    esac
    [ -n "$skip" ] && return

    local choice=$common
    case "${words[0]-} ${words[1]-}" in
    ' ') choice="$nouns $common" ;;
    'cert ')
        choice='list show request requests sign-request vendor mdmcert renew
            check import test history revert remove export'
        ;;
    'group ') choice='list show put remove assign unassign export import' ;;
    'enrollment ') choice='list show import export remove' ;;
    'wave ') choice='list show cancel' ;;
    'key ') choice='create list revoke rotate-master' ;;
    'cert list') choice="--by-group $common" ;;
    'cert show') choice="--pem $common" ;;
    'cert requests')
        case ${words[2]-} in
        '') choice="remove $common" ;;
        remove) choice="--yes $common" ;;
        esac
        ;;
    'cert request')
        choice="--topic --new --name --sign --output $subject $common"
        ;;
    'cert sign-request')
        choice="--csr --vendor-cert --vendor-key --chain --password-file \
--output $common"
        ;;
    'cert vendor')
        case ${words[2]-} in
        '') choice='put show remove' ;;
        put) choice="--password-file $common" ;;
        remove) choice="--yes $common" ;;
        esac
        ;;
    'cert mdmcert')
        case ${words[2]-} in
        '') choice='request open' ;;
        request)
            choice="--email --mdmcert-key --name --topic --output $common"
            ;;
        open) choice="--name --output $common" ;;
        esac
        ;;
    'cert renew')
        choice="--topic --output --apple-account --note --no-test --yes \
--password-file $subject $common"
        ;;
    'cert check') choice="--password-file $common" ;;
    'cert import')
        choice="--renew --add --replace-topic --confirm --apple-account \
--note --no-test --dry-run --yes --password-file $common"
        ;;
    'cert test')
        choice="--topic --file --enrollment --timeout --password-file $common"
        ;;
    'cert revert') choice="--topic --note --yes $common" ;;
    'cert remove') choice="--confirm $common" ;;
    'cert export') choice="--with-key --output --password-file $common" ;;
    'group put') choice="--topic --no-topic --permission --yes $common" ;;
    'group remove' | 'key rotate-master') choice="--yes $common" ;;
    'alerts '*) choice="--all --open $common" ;;
    'enrollment import') choice="--create-groups $common" ;;
    'enrollment list') choice="$filter $common" ;;
    'enrollment export') choice="--secrets $filter $common" ;;
    'enrollment remove') choice="--yes $common" ;;
    'wave list') choice="--open $common" ;;
    'wave show') choice="--wait --timeout $common" ;;
    'key create') choice="--verbs --topic --group $common" ;;
    'wake '*)
        choice="--all --topic --group --kind --parent --silent-for --rate --deadline \
--wait --timeout $common"
        ;;
    'checkin '*) choice="--replayed $common" ;;
    'events '*) choice="--follow --after $common" ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$choice" -- "$word")
    [[ $word == -* ]] && return
    # a name that the command takes, where it stands
    case "${words[0]-} ${words[1]-} ${#words[@]}" in
    'cert show 2' | 'cert history 2' | 'cert remove 2' | 'cert export 2')
        _rouse_names topics
        ;;
    'cert requests 3') _rouse_names requests ;;
    'group show 2' | 'group put 2' | 'group remove 2' | 'group assign 2')
        _rouse_names groups
        ;;
    esac
    case "${words[0]-} ${words[1]-}" in
    'cert import' | 'cert check' | 'cert vendor' | 'cert mdmcert' | \
        'enrollment import' | 'enrollment export' | 'group import' | \
        'group export' | checkin* | backup*)
        # a third word of the command comes before files
        [[ $word == -* || ${words[1]-} == @(vendor|mdmcert) &&
            -z ${words[2]-} ]] ||
            mapfile -t COMPREPLY < <(compgen -f -- "$word")
        ;;
    esac
}

complete -o filenames -F _rouse rouse
