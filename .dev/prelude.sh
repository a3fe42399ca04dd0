# Sourced by the scripts of this folder: where things lie, and how a step reports and fails.
# The caller has `set -eu`.
root=$(cd "$(dirname "$0")/.." && pwd)
dev=$root/.dev
store=$root/.local
cache=${XDG_CACHE_HOME:-$HOME/.cache}/llm-switch

say() { printf 'llm-switch: %s\n' "$*" >&2; }

# fail STEP WHY WHAT-TO-DO
fail() {
  printf 'llm-switch: %s: %s\n  What to do: %s\n' "$1" "$2" "$3" >&2
  exit 1
}

# scratch FOLDER: makes $work, a folder in FOLDER to build things in. It is gone when the script ends; what a kill -9 left
# there is gone an hour later.
scratch() {
  mkdir -p "$1"
  find "$1" -maxdepth 1 -name 'new.??????' -mmin +60 -exec rm -rf {} +
  work=$(mktemp -d "$1/new.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  trap 'exit 130' INT TERM HUP
}

# place NEW FOLDER: renames what is whole into place. Somebody else may have been quicker: theirs is as good.
place() {
  mv -T "$1" "$2" 2>/dev/null || [ -d "$2" ] ||
    fail "Installing" "cannot write $2" "check the owner of its folder and the free space"
}
