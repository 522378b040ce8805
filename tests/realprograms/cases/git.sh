# needs: git
# fast: -
# seconds: 60
# A local repository: commits, branches, merges, packs, clones, worktrees, hooks.
exec 2>&1
export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a@b GIT_AUTHOR_DATE='1700000000 +0000' \
    GIT_COMMITTER_DATE='1700000000 +0000' GIT_CONFIG_COUNT=4 GIT_CONFIG_KEY_0=init.defaultBranch GIT_CONFIG_VALUE_0=main \
    GIT_CONFIG_KEY_1=safe.directory GIT_CONFIG_VALUE_1='*' GIT_CONFIG_KEY_2=protocol.file.allow GIT_CONFIG_VALUE_2=always \
    GIT_CONFIG_KEY_3=gc.auto GIT_CONFIG_VALUE_3=0
cd /tmp && git init -q r && cd r || exit
for i in $(seq 30); do
    mkdir -p "d$((i % 5))"; seq "$i" $((i * 50)) > "d$((i % 5))/f$i"; git add . && git commit -q -m "commit $i"
done
git log --oneline | head -n 3; git rev-parse HEAD; git status --short | wc -l; git fsck --full --strict; git count-objects -v | head -n 3
git checkout -q -b side HEAD~10; for i in 1 2 3; do seq "$i" 900 > "side$i"; git add . && git commit -q -m "side $i"; done
git checkout -q main; git merge -q --no-edit -m merge side; git rev-parse HEAD; git log --graph --oneline | head -n 8
git checkout -q side; seq 5 > d0/f5; git commit -q -a -m change; git checkout -q main; seq 6 > d0/f5; git commit -q -a -m other
git merge side | tail -n 2; git status --short | head -n 3; git checkout --theirs d0/f5; git add . && git commit -q -m resolved; git rev-parse HEAD
git rebase -q --onto HEAD~3 HEAD~1 side; git rev-parse side; git checkout -q main; git tag -a v1 -m one; git describe
git gc -q --prune=now; git count-objects -v | grep -E 'in-pack|packs|count'; git fsck; git repack -a -d -q -f --depth=50 --window=50 --threads=4; git verify-pack .git/objects/pack/*.idx && echo verified
cd .. && git clone -q r c1 && git clone -q --no-local r c2 && git clone -q --bare "file:///tmp/r" b.git && git clone -q --depth 1 file:///tmp/r shallow && git clone -q --shared r shared
for r in c1 c2 b.git shallow shared; do git -C "$r" rev-parse HEAD; git -C "$r" rev-list --all | wc -l; done
diff -r --exclude .git r c1 && echo same; stat -c %h c1/.git/objects/pack/*.pack
cd c2 && seq 77 > new && git add . && git commit -q -m new && git push -q origin HEAD:pushed; git -C ../r branch -v | cut -c 1-40; cd ../c1 && git fetch -q && git branch -r | cat
git worktree add -q ../w side; ls ../w | head -n 3; git worktree list | awk '{ print $1, $3 }'; git grep -c 77 | tail -n 2; git blame d0/f5 | tail -n 1; git bisect start -q HEAD HEAD~5 > /dev/null; git bisect run test -e d0/f5 2>&1 | tail -n 1 | cut -c 1-20; git bisect reset -q
git stash list; echo x >> d0/f5; git stash -q; git stash pop | tail -n 1 | cut -c 1-20; git diff --stat | cat; git reset -q --hard; git clean -fdq; git archive HEAD | sha256sum; git bundle create -q /tmp/bundle main && git bundle verify -q /tmp/bundle && git clone -q -b main /tmp/bundle fromb && git -C fromb rev-parse HEAD
git format-patch -q -3 -o /tmp/patches && git checkout -q -b am HEAD~3 && git am -q /tmp/patches/* ; git rev-parse HEAD; git log -p | sha256sum; git shortlog -s HEAD | cat
git submodule --quiet add /tmp/r sub && git commit -q -m sub && git submodule status | cut -c 1-20; printf '#!/bin/sh\necho hook; exit 1\n' > .git/hooks/pre-commit; chmod +x .git/hooks/pre-commit; git commit --allow-empty -m no; echo $?; git -c core.fsmonitor=false update-index --refresh; echo $?
touch .git/index.lock; git add . 2>&1 | head -n 1; rm .git/index.lock; git daemon --help > /dev/null 2>&1; git pack-refs --all; git reflog expire --all --expire=now; git maintenance run --task=gc --quiet; git fsck && echo end
