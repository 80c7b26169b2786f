# fish completion for cookbook.
function __cookbook_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l program (string replace -r '^~/' "$HOME/" -- $words[1])
    type -fq -- $program; or set program cookbook # it may be an alias
    set -l lines (command $program __complete $words[2..-1] "$current" 2>/dev/null)
    set -l directive (string match -r '^:\d+$' -- $lines[-1] | string trim -c :)
    test -n "$directive"; or return
    set -e lines[-1]
    test (math "bitand($directive, 1)") = 0; or return

    set -l prefix ''
    set -l value "$current"
    if string match -qr -- '^-[^=]*=' "$current"
        set prefix (string match -r -- '^-[^=]*=' "$current")
        set value (string replace -r -- '^-[^=]*=' '' "$current")
    end
    if test (math "bitand($directive, 8)") != 0 -o \( (count $lines) = 0 -a (math "bitand($directive, 4)") = 0 \)
        set lines (__fish_complete_path "$value")
    end
    test (count $lines) = 0; or printf '%s\n' $prefix$lines
end
complete -c cookbook -e
complete -c cookbook -f -k -a '(__cookbook_complete)'
