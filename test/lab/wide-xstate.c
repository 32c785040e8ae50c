/*
 * User-mode Linux 6.1 keeps at most 2,696 bytes of floating-point state per task. On a CPU with AMX the host's state
 * has 11,008 bytes, and the host refuses to set one that is not whole: EFAULT, and the guest panics before init
 * (host: arch/x86/kernel/fpu/regset.c, xstateregs_set; guest: "ptrace set fp regs failed, errno = 14").
 *
 * Preloaded into linux.uml, this gives the host what the guest has, followed by zeros. The state's own header says
 * which parts are in use, and the guest never uses the part that is zero.
 */
struct iovec {
    void *base;
    unsigned long length;
};

enum { SYS_ptrace = 101, PTRACE_PEEKUSER = 3, PTRACE_SETREGSET = 0x4205, NT_X86_XSTATE = 0x202 };

extern long syscall(long number, ...);

long ptrace(long request, long pid, long address, void *data)
{
    static char whole[65536];
    struct iovec grown = {whole, sizeof whole};
    long peeked = 0;
    int peeks = request >= 1 && request <= PTRACE_PEEKUSER;

    if (request == PTRACE_SETREGSET && address == NT_X86_XSTATE) {
        struct iovec *given = data;
        unsigned long i;
        for (i = 0; i < given->length && i < sizeof whole; i++)
            whole[i] = ((char *)given->base)[i];
        data = &grown;
    }
    /* The system call stores what it peeked; the library function, whose place this takes, returns it. */
    long result = syscall(SYS_ptrace, request, pid, address, peeks ? &peeked : data);
    return peeks && result == 0 ? peeked : result;
}
