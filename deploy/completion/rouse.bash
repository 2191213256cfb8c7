# SPDX-License-Identifier: MIT
#
# bash completion for rouse(1); source it, or put it into
# /usr/share/bash-completion/completions/rouse.

_rouse() {
    local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local nouns='status cert enrollment checkin wake wave key events'
    local common='--json --socket --url --key --ca-file --help --version'
    local filter='--topic --kind --state --silent-for --parent --serial'
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
            --timeout | --verbs | --after | --apple-account | --note)
            skip=1
            ;;
        -*) ;;
        *) words+=("${COMP_WORDS[i]}") ;;
        esac
    done

    case $previous in
    --socket | --ca-file)
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
        return
        ;;
    --state)
        mapfile -t COMPREPLY < <(compgen -W 'enabled disabled dead suspect' \
            -- "$word")
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
    'cert ') choice='import list show' ;;
    'enrollment ') choice='list show import export remove' ;;
    'wave ') choice='list show cancel' ;;
    'key ') choice='create list revoke' ;;
    'cert import') choice="--apple-account --note $common" ;;
    'enrollment list') choice="$filter $common" ;;
    'enrollment export') choice="--secrets $filter $common" ;;
    'enrollment remove') choice="--yes $common" ;;
    'wave list') choice="--open $common" ;;
    'wave show') choice="--wait --timeout $common" ;;
    'key create') choice="--verbs --topic $common" ;;
    'wake '*)
        choice="--all --topic --kind --parent --silent-for --rate --deadline \
--wait --timeout $common"
        ;;
    'events '*) choice="--follow --after $common" ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$choice" -- "$word")
    case "${words[0]-} ${words[1]-}" in
    'cert import' | 'enrollment import' | 'enrollment export' | checkin*)
        [[ $word == -* ]] ||
            mapfile -t COMPREPLY < <(compgen -f -- "$word")
        ;;
    esac
}

complete -o filenames -F _rouse rouse
