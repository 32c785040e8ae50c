# The files of Debian's package ipvsadm that this package replaces.
#
# /sbin is /usr/sbin, but dpkg knows a file only by the path in its package: that is in /sbin until Debian 12 and in /usr/sbin
# since Debian 13. Both paths are diverted, to different places, so that a move from one to the other, in an upgrade, does
# not delete a file.
diversions() {
    for name in ipvsadm ipvsadm-save ipvsadm-restore; do
        echo "/usr/sbin/$name /usr/sbin/$name.distrib"
        echo "/sbin/$name /sbin/$name.distrib.usr-is-merged"
        echo "/usr/share/man/man8/$name.8.gz /usr/share/man/man8/$name.distrib.8.gz"
    done
}
