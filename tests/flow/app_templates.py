"""Templates are HTML compiled to C: what is wrong in one is an error of the build, with the
line of the HTML file."""

import os
import subprocess
import tempfile

from lib.env import BUILD, ROOT

GOOD = """<?page probe(struct buf *out, const struct sql_site_row *v) ?>
<p>"quoted" \\ and 100% ??= of it</p>
<? if (v->name.n > 0) { ?>
<b><?= v->name ?></b>
<? } ?>
"""


def generate(html):
    """(exit code, what it said, the C that it made)"""
    tool = os.path.join(BUILD, 'tools', 'appd', 'templates')
    with tempfile.NamedTemporaryFile('w', suffix='.html') as f:
        f.write(html)
        f.flush()
        done = subprocess.run([tool, f.name], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True)
        return done.returncode, done.stderr.replace(f.name, 'page.html'), \
            done.stdout.replace(f.name, 'page.html')


def compile_c(text):
    """What the compiler says against it; '' if nothing."""
    done = subprocess.run(['cc', '-std=c11', '-D_GNU_SOURCE', '-I.', f'-I{BUILD}', '-Wall',
                           '-Wextra', '-Werror', '-xc', '-fsyntax-only', '-'], input=text,
                          cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert (done.returncode == 0) == (done.stdout == ''), done.stdout
    return done.stdout


def test_a_page_becomes_a_function():
    code, said, text = generate(GOOD)
    assert code == 0 and said == '', said
    assert compile_c(text) == ''
    assert 'HTML_PUT(out,  v->name )' in text


def test_errors_point_into_the_html():
    for wrong, line in (('<?= v->nam ?>', 4), ('<?= w->name ?>', 4),
                        ('<?= v ?>', 4), ('<?= nobody ?>', 4), ('<? while (v- ?>', 4)):
        html = GOOD.replace('<?= v->name ?>', wrong)
        said = compile_c(generate(html)[2])
        assert f'page.html:{line}:' in said, (wrong, said)


def test_what_the_generator_refuses():
    for html, line, why in ((GOOD + '<? if\n', 6, 'without its ?>'),
                            ('<p>text</p>\n<?= x ?>\n' + GOOD, 2, 'before the first'),
                            (GOOD + '<?php x ?>', 6, 'after <? comes')):
        code, said, _ = generate(html)
        assert code == 65 and f'page.html:{line}:' in said and why in said, said


def test_the_site_has_no_script():
    folder = os.path.join(ROOT, 'appd', 'templates')
    for name in os.listdir(folder):
        if name.endswith('.html'):
            with open(os.path.join(folder, name)) as f:
                text = f.read().lower().replace('<script type="application/ld+json"', '')
                assert '<script' not in text, name
