// Starts Swagger UI. Who is signed in by cookie sends the CSRF token along; nothing is asked of other servers.
window.SwaggerUIBundle({
  url: '/api/openapi.json',
  dom_id: '#swagger-ui',
  deepLinking: true,
  docExpansion: 'list',
  validatorUrl: null,
  requestInterceptor(request) {
    const token = /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)
    if (token && new URL(request.url, location.href).origin === location.origin)
      request.headers['X-CSRFToken'] = token[1]
    return request
  },
})
