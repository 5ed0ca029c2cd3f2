/* err.h -- exit codes, from err.def. */
#ifndef COMMON_ERR_H
#define COMMON_ERR_H

enum exit_code {
#define EXIT(name, number, meaning) name = number,
#include "common/err.def"
#undef EXIT
};

#endif
