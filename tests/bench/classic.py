"""The classic form of this design, as its users write it when they write it well: Flask,
SQLAlchemy with pooled connections, Jinja. The same tables, rows and answers as ours; late
joins (the ids first, then what belongs to them), one statement per list."""

import os

from flask import Flask, jsonify, request
from sqlalchemy import create_engine, text

app = Flask(__name__)
app.config['JSON_SORT_KEYS'] = False
engine = create_engine(os.environ['CLASSIC_DB'], pool_size=1, max_overflow=0, pool_recycle=600,
                       isolation_level='AUTOCOMMIT')

RECENT = text("""
    SELECT a.id, a.slug, a.title, a.description, a.tags, a.created_at, a.updated_at,
           a.favorites, u.name, u.bio, u.image
    FROM (SELECT id FROM articles WHERE state = 'public'
          ORDER BY id DESC LIMIT :limit OFFSET :offset) p
    STRAIGHT_JOIN articles a ON a.id = p.id STRAIGHT_JOIN users u ON u.id = a.author_id
    ORDER BY a.id DESC""")
TAGS = text('SELECT name FROM tags WHERE articles > 0 ORDER BY heat DESC, name LIMIT :limit')
SITE = text('SELECT name, description, articles FROM site')

PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{{ site.name }}</title>
<meta name="description" content="{{ site.description }}">
<meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body><header><nav><a href="/">{{ site.name }}</a></nav></header>
<main class="home-page">
<div class="banner"><h1 class="logo-font">{{ site.name }}</h1><p>{{ site.description }}</p></div>
<section aria-label="Articles">
{% for a in articles %}
<article class="article-preview">
<h2><a class="preview-link" href="/article/{{ a.slug|urlencode }}">{{ a.title }}</a></h2>
<p>{{ a.description }}</p>
<a class="author" href="/profile/{{ a.name|urlencode }}">{{ a.name }}</a>
</article>
{% endfor %}
</section>
<aside class="sidebar"><h2>Popular Tags</h2>
<ul class="tag-list">
{% for t in tags %}
<li><a class="tag-pill" href="/tag/{{ t.name|urlencode }}">{{ t.name }}</a></li>
{% endfor %}
</ul></aside>
</main>
<footer></footer></body></html>
"""

HOME = app.jinja_env.from_string(PAGE)  # compiled once


@app.get('/')
def home():
    with engine.connect() as c:
        site = c.execute(SITE).one()
        articles = c.execute(RECENT, {'limit': 10, 'offset': 0}).all()
        tags = c.execute(TAGS, {'limit': 20}).all()
    return HOME.render(site=site, articles=articles, tags=tags)


def when(t):
    return t.strftime('%Y-%m-%dT%H:%M:%S.') + f'{t.microsecond // 1000:03d}Z'


@app.get('/api/articles')
def articles():
    limit = min(int(request.args.get('limit', 20)), 100)
    offset = int(request.args.get('offset', 0))
    with engine.connect() as c:
        rows = c.execute(RECENT, {'limit': limit, 'offset': offset}).all()
        count = c.execute(SITE).one().articles
    return jsonify(articles=[{
        'slug': a.slug, 'title': a.title, 'description': a.description,
        'tagList': a.tags.split('\n') if a.tags else [], 'createdAt': when(a.created_at),
        'updatedAt': when(a.updated_at), 'favorited': False, 'favoritesCount': a.favorites,
        'author': {'username': a.name, 'bio': a.bio, 'image': a.image, 'following': False},
    } for a in rows], articlesCount=count)
