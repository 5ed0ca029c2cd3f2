/* context.c -- see context.h. */
#include "appd/context.h"

#include <stdint.h>
#include <string.h>

#ifdef CONTEXT_PORTABLE

void context_make(struct context *c, void *stack, size_t size, void (*entry)(void))
{
	getcontext(&c->u);
	c->u.uc_stack.ss_sp = stack;
	c->u.uc_stack.ss_size = size;
	c->u.uc_link = NULL;
	makecontext(&c->u, entry, 0);
}

void context_switch(struct context *save, struct context *to)
{
	swapcontext(&save->u, &to->u);
}

#else

/* What the ABI asks a callee to keep goes onto the stack we leave, and comes from the one
 * we enter. The floating point control words stay: nobody here changes them. */
void appd_context_switch(void **save, void *to);

#ifdef __x86_64__
__asm__(".text\n"
	".globl appd_context_switch\n"
	".hidden appd_context_switch\n"
	".type appd_context_switch,@function\n"
	"appd_context_switch:\n"
	"	push %rbp\n"
	"	push %rbx\n"
	"	push %r12\n"
	"	push %r13\n"
	"	push %r14\n"
	"	push %r15\n"
	"	mov %rsp,(%rdi)\n"
	"	mov %rsi,%rsp\n"
	"	pop %r15\n"
	"	pop %r14\n"
	"	pop %r13\n"
	"	pop %r12\n"
	"	pop %rbx\n"
	"	pop %rbp\n"
	"	ret\n"
	".size appd_context_switch,.-appd_context_switch\n");

/* Six registers, where to go, and a return address that ends a backtrace; on entry the
 * stack is 8 bytes off a multiple of 16, as after a call. */
enum { FRAME_WORDS = 10, FRAME_ENTRY = 6 };

#else /* aarch64 */
__asm__(".text\n"
	".globl appd_context_switch\n"
	".hidden appd_context_switch\n"
	".type appd_context_switch,%function\n"
	"appd_context_switch:\n"
	"	sub sp, sp, #160\n"
	"	stp x19, x20, [sp, #0]\n"
	"	stp x21, x22, [sp, #16]\n"
	"	stp x23, x24, [sp, #32]\n"
	"	stp x25, x26, [sp, #48]\n"
	"	stp x27, x28, [sp, #64]\n"
	"	stp x29, x30, [sp, #80]\n"
	"	stp d8, d9, [sp, #96]\n"
	"	stp d10, d11, [sp, #112]\n"
	"	stp d12, d13, [sp, #128]\n"
	"	stp d14, d15, [sp, #144]\n"
	"	mov x9, sp\n"
	"	str x9, [x0]\n"
	"	mov sp, x1\n"
	"	ldp x19, x20, [sp, #0]\n"
	"	ldp x21, x22, [sp, #16]\n"
	"	ldp x23, x24, [sp, #32]\n"
	"	ldp x25, x26, [sp, #48]\n"
	"	ldp x27, x28, [sp, #64]\n"
	"	ldp x29, x30, [sp, #80]\n"
	"	ldp d8, d9, [sp, #96]\n"
	"	ldp d10, d11, [sp, #112]\n"
	"	ldp d12, d13, [sp, #128]\n"
	"	ldp d14, d15, [sp, #144]\n"
	"	add sp, sp, #160\n"
	"	ret\n"
	".size appd_context_switch,.-appd_context_switch\n");

/* The twenty saved words, of which the link register is the place to go. */
enum { FRAME_WORDS = 20, FRAME_ENTRY = 11 };
#endif

void context_make(struct context *c, void *stack, size_t size, void (*entry)(void))
{
	uintptr_t top = ((uintptr_t)stack + size) & ~(uintptr_t)15;
	uintptr_t frame[FRAME_WORDS] = { 0 };

	frame[FRAME_ENTRY] = (uintptr_t)entry;
	c->sp = (void *)(top - sizeof(frame));
	memcpy(c->sp, frame, sizeof(frame));
}

void context_switch(struct context *save, struct context *to)
{
	appd_context_switch(&save->sp, to->sp);
}

#endif
