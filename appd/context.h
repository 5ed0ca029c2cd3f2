/* context.h -- where a flow of control stands: its stack and the registers that a callee
 * must keep. Switching is a dozen instructions on x86-64 and aarch64, ucontext elsewhere
 * (or with -DCONTEXT_PORTABLE). Only task.c uses this.
 *
 * Not swapcontext everywhere: it makes two system calls, and AddressSanitizer's version
 * wipes the red zones of the stack it enters, so that overflows go unseen. */
#ifndef APPD_CONTEXT_H
#define APPD_CONTEXT_H

#include <stddef.h>

#if !defined(CONTEXT_PORTABLE) && !defined(__x86_64__) && !defined(__aarch64__)
#define CONTEXT_PORTABLE
#endif

#ifdef CONTEXT_PORTABLE
#include <ucontext.h>
struct context {
	ucontext_t u;
};
#else
struct context {
	void *sp;
};
#endif

/* The first switch to it runs entry on this stack; entry must not return. */
void context_make(struct context *c, void *stack, size_t size, void (*entry)(void));
/* Saves where we are and goes on where `to` was. */
void context_switch(struct context *save, struct context *to);

#endif
